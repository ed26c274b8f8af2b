import type { Client } from '@temporalio/client';
import { activityInfo, cancellationSignal, sleep } from '@temporalio/activity';
import { datasetNames } from '../src/ids.js';
import type { DatasetName } from '../src/nemo/data-store.js';
import type { RunRecord } from '../src/run-record.js';
import { isClosedFor, workflowStanding } from '../src/workflow-standing.js';
import { candidateWorkflowId, deleteWorkflowId, runWorkflowId } from '../workflows/contract.js';
import { beating } from './beating.js';
import type { Activities } from './contract.js';
import type { ActivityServices } from './services.js';

type RunActivities = Pick<
  Activities,
  | 'recordRun'
  | 'requestCancellation'
  | 'awaitRunClosed'
  | 'deleteDatasets'
  | 'removeDataset'
  | 'removeModel'
  | 'deleteRunRecord'
>;

/** At first: most end soon. Then ever more rarely, as hundreds may wait for as long as the pool's grace. */
const CLOSED_POLL_MS = 200;
const LONGEST_CLOSED_POLL_MS = 5_000;

export function createRunActivities({ nemo, runs, temporal, gpuPool }: ActivityServices): RunActivities {
  const removeDataset = async (dataset: DatasetName) => {
    await nemo.dataStore.deleteDataset(dataset, cancellationSignal());
    await nemo.entityStore.deleteDataset(dataset, cancellationSignal());
  };
  return {
    async recordRun({ run }) {
      const { scheduledTimestampMs } = activityInfo();
      const outcome = await runs.put(run, (stored) => !hasEndedSince(stored, run, scheduledTimestampMs));
      if (outcome !== 'inserted') return;
      // The first record of a run that a schedule started; or this attempt has come to itself after the run was deleted.
      const deletion = await workflowStanding(temporal, deleteWorkflowId(run.runId)).catch(
        async (error: unknown) => {
          // The next attempt would find the record there, and not look.
          await runs.delete(run.runId);
          throw error;
        },
      );
      if (deletion.status !== 'unknown') await runs.delete(run.runId);
    },

    async requestCancellation({ workflowId }) {
      await temporal.workflow.getHandle(workflowId).cancel();
    },

    async awaitRunClosed({ runId, models }) {
      const candidates = models.map((model) => candidateWorkflowId(runId, model));
      for (const workflowId of [runWorkflowId(runId), ...candidates])
        await beating(null, awaitClosed(temporal, workflowId, gpuPool.settings.graceMs));
    },

    async deleteDatasets({ runId, workloadId, namespace }) {
      for (const name of Object.values(datasetNames(workloadId, runId)))
        await removeDataset({ namespace, name });
    },

    removeDataset: ({ dataset }) => removeDataset(dataset),

    async removeModel({ model }) {
      await nemo.entityStore.deleteModel(model, cancellationSignal());
    },

    async deleteRunRecord({ runId }) {
      await runs.delete(runId);
    },
  };
}

/**
 * An attempt that was frozen, with its worker, is given up and made anew, but wakes: it must not take back the end that was
 * recorded meanwhile. A run that was reset after its end may: what it records was scheduled later.
 */
const hasEndedSince = (stored: RunRecord, run: RunRecord, scheduledAt: number): boolean =>
  stored.stage === 'finished' &&
  stored.finishedAt !== null &&
  run.finishedAt === null &&
  scheduledAt <= Date.parse(stored.finishedAt);

async function awaitClosed(temporal: Client, workflowId: string, graceMs: number): Promise<void> {
  for (let pauseMs = CLOSED_POLL_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_CLOSED_POLL_MS)) {
    const standing = await workflowStanding(temporal, workflowId);
    if (standing.status === 'unknown') return;
    if (standing.status === 'closed' && (!standing.isTornDown || isClosedFor(standing, graceMs))) return;
    await sleep(pauseMs);
  }
}
