import { Context } from '@temporalio/activity';
import { type BuiltFiles, type DatasetServices, TooFewRecords, withDatasets } from '../src/datasets/index.js';
import { datasetNames, runProject } from '../src/ids.js';
import type { LocalFile } from '../src/nemo/data-store.js';
import { SplitError } from '../src/records/split.js';
import type { DatasetRef, DatasetRole } from '../src/run-record.js';
import { visibleLogs } from '../src/stores/visible-logs.js';
import { beating } from './beating.js';
import type { Activities, BuildDatasetsInput, BuiltDatasets } from './contract.js';
import { finalFailure } from './failures.js';
import { patientEmbedding } from './patient-embedding.js';
import type { ActivityServices } from './services.js';

/** Builds a run's datasets and uploads them. A new attempt starts over and replaces what it finds. */
export function createDatasetActivities(services: ActivityServices): Pick<Activities, 'buildDatasets'> {
  return {
    async buildDatasets(input) {
      const readingBeganAt = new Date().toISOString();
      const context = Context.current();
      const signal = context.cancellationSignal;
      const watch = { signal, onProgress: (progress: object) => context.heartbeat(progress) };
      try {
        const request = { ...input, seedName: input.runId };
        const { spoolDir, nemo } = services;
        const logs = services.separatesClients ? visibleLogs(services.logs, [input.clientId]) : services.logs;
        const embedding: DatasetServices['embedding'] = (config, progress) =>
          patientEmbedding(nemo, config, progress);
        return await withDatasets({ logs, spoolDir, embedding }, request, watch, async (built) => ({
          ...(await beating({ uploading: input.runId }, upload(services, built, input, signal))),
          ...described(built),
          readingBeganAt,
        }));
      } catch (error) {
        if (error instanceof SplitError) throw finalFailure('InvalidSplit', error.message);
        if (error instanceof TooFewRecords) throw finalFailure('TooFewRecords', error.message);
        throw error;
      }
    },
  };
}

const described = ({ workloadType, slices, funnel, warnings }: BuiltFiles) => ({
  workloadType,
  slices,
  funnel,
  warnings,
});

async function upload(
  { nemo }: ActivityServices,
  { files, sizes }: BuiltFiles,
  { namespace, runId, workloadId }: BuildDatasetsInput,
  signal: AbortSignal,
): Promise<Pick<BuiltDatasets, 'evaluation' | 'inContext' | 'training'>> {
  await nemo.entityStore.ensureNamespace(namespace, signal);
  await nemo.dataStore.ensureNamespace(namespace, signal);
  const put = async (role: DatasetRole, name: string, local: LocalFile[], numRecords: number) => {
    const dataset = { namespace, name };
    const isNew = await nemo.dataStore.createDataset(dataset, signal);
    // What an attempt before this one has uploaded is not uploaded again, unless other records have come meanwhile.
    if (isNew || !(await nemo.dataStore.holdsFiles(dataset, local, signal)))
      await nemo.dataStore.uploadFiles(dataset, local, signal);
    const filesUrl = await nemo.entityStore.registerDataset(
      { ...dataset, project: runProject(runId) },
      signal,
    );
    return { role, name, numRecords, filesUrl } satisfies DatasetRef;
  };
  const names = datasetNames(workloadId, runId);
  const { evaluation, training, validation } = sizes;
  return {
    evaluation: await put('evaluation', names.evaluation, files.evaluation, evaluation),
    inContext: await put('in-context', names.inContext, files.inContext, evaluation),
    training: await put('training', names.training, files.training, training + validation),
  };
}
