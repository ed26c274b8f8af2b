import { cancellationSignal } from '@temporalio/activity';
import type { CustomizationJob, CustomizationStatus } from '../src/nemo/customizer.js';
import type { Nemo } from '../src/nemo/index.js';
import { isOver } from '../src/nemo/job-status.js';
import type { Activities, CustomizationResult, Patience, RunCustomizationInput } from './contract.js';
import { finalFailure } from './failures.js';
import { requireLease } from './lease-check.js';
import { allStopped, OUTLASTS_OUTAGES, poll, type Reading, watchedBefore } from './poll.js';
import type { ActivityServices } from './services.js';

export function createCustomizationActivities(
  services: ActivityServices,
): Pick<Activities, 'runCustomization' | 'stopCustomization' | 'deleteCustomization'> {
  const { nemo, temporal } = services;
  return {
    async runCustomization(input) {
      const { candidate, patience } = input;
      let job: CustomizationJob | null = null;
      return await poll(`customization of ${candidate.model}`, patience, async (signal) => {
        job ??= await findOrCreate(services, input, signal);
        const status = await nemo.customizer.status(job.id, signal);
        if (!status) throw lost(job.id, candidate.model);
        // Whoever takes GPUs away stops the job first.
        if (status.status === 'cancelled') await requireLease(temporal, input);
        return readJob(candidate.model, job, nemo.customizer.url(job.id), status);
      });
    },

    async stopCustomization(input) {
      const { patience, use } = input;
      const jobs = await nemo.customizer.ofUse(use, cancellationSignal());
      await allStopped(jobs.map(({ id }) => stopCustomizationJob(nemo, id, patience)));
    },

    async deleteCustomization(input) {
      const { runId, model } = input;
      for (const { outputModel } of await nemo.customizer.ofCandidate(runId, model, cancellationSignal()))
        await nemo.entityStore.deleteModel(outputModel, cancellationSignal());
    },
  };
}

/** Asks for the end of a job until it is seen to be over. */
export async function stopCustomizationJob({ customizer }: Nemo, id: string, patience: Patience) {
  const read = async (signal: AbortSignal): Promise<Reading<void>> => {
    const status = await customizer.status(id, signal);
    if (!status || isOver(status.status)) return { done: true, value: undefined };
    await customizer.cancel(id, signal);
    return going(id, customizer.url(id), status);
  };
  await poll(`stop of customization ${id}`, patience, read, OUTLASTS_OUTAGES);
}

async function findOrCreate(
  { nemo, temporal }: ActivityServices,
  input: RunCustomizationInput,
  signal: AbortSignal,
) {
  const { use, candidate } = input;
  const found = await nemo.customizer.find(use, signal);
  // A job that was seen and is gone was deleted by somebody: training it again unasked would be paid twice.
  const before = watchedBefore();
  if (!found && before !== null) throw lost(before, candidate.model);
  if (found) return found;
  await requireLease(temporal, input);
  return await nemo.customizer.create(input, signal);
}

const lost = (jobId: string, model: string) =>
  finalFailure('JobLost', `customization ${jobId} of ${model} is gone: somebody deleted it`);

function readJob(
  model: string,
  { id: jobId, outputModel: customizedModel }: CustomizationJob,
  uri: string,
  status: CustomizationStatus,
): Reading<CustomizationResult> {
  const what = `customization ${jobId} of ${model}`;
  if (status.status === 'failed')
    throw finalFailure('CustomizationFailed', `${what}: ${failureReason(status)}`);
  if (status.status === 'cancelled') throw finalFailure('JobCancelled', `${what} was cancelled`);
  if (status.status !== 'completed') return going(jobId, uri, status);
  const { epochs_completed, steps_completed, train_loss, val_loss } = status;
  return {
    done: true,
    value: {
      jobId,
      uri,
      customizedModel,
      epochsCompleted: epochs_completed ?? 0,
      stepsCompleted: steps_completed ?? 0,
      trainLoss: train_loss ?? null,
      validationLoss: val_loss ?? null,
    },
  };
}

/** Percentages move by whole epochs, so a sign of life is anything that moves, `updated_at` too. */
const going = (externalId: string, uri: string, status: CustomizationStatus): Reading<never> => ({
  done: false,
  alive: `${status.updated_at} ${status.status_logs?.length}`,
  progress: {
    externalId,
    uri,
    status: status.status,
    percent: status.percentage_done ?? null,
    epochsCompleted: status.epochs_completed ?? null,
    stepsCompleted: status.steps_completed ?? null,
    trainLoss: status.train_loss ?? null,
    validationLoss: status.val_loss ?? null,
    samplesProcessed: null,
  },
});

const failureReason = ({ status_logs }: CustomizationStatus): string =>
  status_logs?.findLast(({ detail }) => detail)?.detail ??
  status_logs?.at(-1)?.message ??
  'the platform gives no reason';
