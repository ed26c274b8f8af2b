import { setTimeout } from 'node:timers/promises';
import { type Ending, isOver } from './background-jobs.js';
import { createModelEntity, noteArtifact } from './customization-model.js';
import { gpusOf, newStatus, type CustomizationJob } from './customization-job.js';
import type { TrainingStep } from './engine/types.js';
import { timestamp } from './entity-ids.js';
import { strikeJob } from './job-faults.js';
import type { Platform } from './platform.js';
import type { LeftWork } from './resume.js';
import { trainInThread } from './train-in-thread.js';
import { findTrainingFiles } from './training-set.js';

/** What a `slow-training` model takes, all steps together. */
const SLOW_TRAINING_MS = 15_000;

/** Keeps a new job and starts it. */
export function addCustomization(platform: Platform, job: CustomizationJob): void {
  const { id, output_model, config_snapshot } = job;
  const names = [...(output_model === null ? [] : [output_model]), config_snapshot.base_model];
  platform.faults.strike('customization', { id, names });
  platform.customizations.put(id, job);
  createModelEntity(platform, job);
  startCustomization(platform, job);
}

/** Trains in the background; the job's document tells how far it is. */
function startCustomization(platform: Platform, job: CustomizationJob): void {
  platform.jobs.start(
    job.id,
    (signal) => runOnGpus(platform, job, signal),
    (ending) => end(platform, job, ending),
  );
}

export function cancelCustomization(platform: Platform, job: CustomizationJob): void {
  setStatus(platform, job, 'cancelling');
  platform.jobs.cancel(job.id);
}

/** Jobs that an earlier process left, for `resume`: they are begun again, on the GPUs that they had. */
export const leftCustomizations = (platform: Platform): LeftWork[] =>
  platform.customizations
    .all()
    .filter((job) => !isOver(job))
    .map((job) => ({
      created_at: job.created_at,
      ...(job.status === 'running' && { holds: { owner: ownerOf(job), gpus: gpusOf(job) } }),
      goOn: () => goOn(platform, job),
    }));

function goOn(platform: Platform, job: CustomizationJob): void {
  if (job.status === 'cancelling') return setStatus(platform, job, 'cancelled');
  // Created together with the job, unless a kill came in between.
  if (job.status === 'created') createModelEntity(platform, job);
  startCustomization(platform, job);
}

const ownerOf = ({ id }: CustomizationJob) => `customization ${id}`;

/** created → pending, until its GPUs are free → running. */
async function runOnGpus(platform: Platform, job: CustomizationJob, signal: AbortSignal): Promise<void> {
  const gpus = gpusOf(job);
  restart(job);
  await platform.clock.pause(1, signal);
  setStatus(platform, job, 'pending');
  const shortage = platform.gpus.shortage(ownerOf(job), gpus);
  if (shortage !== null) setStatus(platform, job, 'pending', 'NotEnoughResources', shortage);
  await platform.gpus.take(ownerOf(job), gpus, signal);
  try {
    if (shortage !== null) setStatus(platform, job, 'pending', 'ResourcesAllocated');
    await train(platform, job, signal);
  } finally {
    platform.gpus.release(ownerOf(job));
  }
}

async function train(platform: Platform, job: CustomizationJob, signal: AbortSignal): Promise<void> {
  const base = platform.engine.baseModel(job.config_snapshot.base_model);
  const { epochs, batch_size, learning_rate, lora, seed } = job.hyperparameters;
  const adapter = await trainInThread(
    {
      base,
      files: findTrainingFiles(platform, job.dataset),
      form: {
        promptTemplate: job.config_snapshot.prompt_template,
        tools: job.dataset_parameters?.tools ?? [],
      },
      hyperparameters: {
        epochs,
        batchSize: batch_size,
        learningRate: learning_rate,
        adapterDim: lora.adapter_dim,
        adapterDropout: lora.adapter_dropout,
        seed: seed ?? platform.seed,
      },
    },
    {
      async rowsRead(rows) {
        await platform.clock.pause(1, signal);
        setStatus(platform, job, 'running', 'TrainingStarted');
        job.status_details.steps_per_epoch = Math.ceil(rows / batch_size);
        await betweenSteps(platform, job, signal);
      },
      async stepDone(step) {
        recordStep(job, step);
        await betweenSteps(platform, job, signal);
      },
    },
    signal,
  );
  if (job.output_model !== null && !isWithoutModel(platform, job))
    platform.adapters.save(job.output_model, adapter);
}

/** Forgets what an earlier process trained; its log stays. */
function restart({ status_details, created_at }: CustomizationJob): void {
  const { status_logs } = status_details;
  Object.assign(status_details, newStatus(created_at), { status_logs });
}

/** Losses stand for the best epoch once there is one, for the last step before. */
function recordStep({ status_details: status, hyperparameters }: CustomizationJob, step: TrainingStep): void {
  const now = timestamp();
  status.updated_at = now;
  status.elapsed_time = (Date.now() - Date.parse(`${status.created_at}Z`)) / 1000;
  status.steps_completed = step.step + 1;
  status.epochs_completed = step.epochsCompleted;
  status.percentage_done = (100 * step.epochsCompleted) / hyperparameters.epochs;
  if (status.best_epoch === null) status.train_loss = step.trainLoss;
  if ((step.step + 1) % hyperparameters.log_every_n_steps === 0) {
    status.metrics.metrics.train_loss.push({ step: step.step, timestamp: now, value: step.trainLoss });
  }
  if (step.validationLoss === undefined) return;
  status.metrics.metrics.val_loss.push({ step: step.step, timestamp: now, value: step.validationLoss });
  if (status.val_loss !== null && status.val_loss <= step.validationLoss) return;
  status.best_epoch = step.epochsCompleted;
  status.train_loss = step.trainLoss;
  status.val_loss = step.validationLoss;
}

/** Lets other requests run, stretches time as asked, and ends the training where it is to end. */
async function betweenSteps(platform: Platform, job: CustomizationJob, signal: AbortSignal): Promise<void> {
  await platform.clock.pause(0.05, signal);
  const fault = platform.faults.of('customization', job.id);
  const { steps_per_epoch, steps_completed } = job.status_details;
  const total = steps_per_epoch * job.hyperparameters.epochs;
  if (fault?.kind === 'slow') await setTimeout(SLOW_TRAINING_MS / total, undefined, { signal });
  await strikeJob(fault, {
    what: `training of ${job.config_snapshot.base_model}`,
    done: steps_completed,
    total,
    signal,
    vanish: () => void platform.customizations.delete(job.id),
  });
}

/** The job's own record last: a kill before it has the job begun again, one after it leaves nothing undone. */
function end(platform: Platform, job: CustomizationJob, ending: Ending): void {
  // It has vanished.
  if (!platform.customizations.get(job.id)) return;
  if (ending.status === 'completed') upload(platform, job);
  if (ending.status === 'failed') noteArtifact(platform, job, 'upload_failed');
  if (ending.status === 'failed') setStatus(platform, job, 'failed', 'TrainingFailed', ending.reason);
  else setStatus(platform, job, ending.status);
}

function upload(platform: Platform, job: CustomizationJob): void {
  if (isWithoutModel(platform, job)) platform.models.delete(job.output_model ?? '');
  else noteArtifact(platform, job, 'upload_completed');
}

const isWithoutModel = ({ faults }: Platform, { id }: CustomizationJob) =>
  faults.of('customization', id)?.kind === 'no-model';

function setStatus(
  platform: Platform,
  job: CustomizationJob,
  status: CustomizationJob['status'],
  message: string = status,
  detail?: string,
): void {
  const now = timestamp();
  job.status = status;
  job.updated_at = now;
  job.status_details.status = status;
  job.status_details.updated_at = now;
  job.status_details.status_logs.push({ updated_at: now, message, ...(detail !== undefined && { detail }) });
  platform.customizations.put(job.id, job);
}
