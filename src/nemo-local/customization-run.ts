import { setTimeout } from 'node:timers/promises';
import { type Ending, isOver } from './background-jobs.js';
import { newStatus, type CustomizationJob } from './customization-job.js';
import type { TrainingStep } from './engine/types.js';
import { timestamp } from './entity-ids.js';
import type { Platform } from './platform.js';
import { trainInThread } from './train-in-thread.js';
import { findTrainingFiles } from './training-set.js';

/** What a `slow-training` model takes, all steps together. */
const SLOW_TRAINING_MS = 15_000;

/** Trains in the background; the job's document tells how far it is. */
export function startCustomization(platform: Platform, job: CustomizationJob): void {
  platform.jobs.start(
    job.id,
    (signal) => train(platform, job, signal),
    (ending) => end(platform, job, ending),
  );
}

export function cancelCustomization(platform: Platform, job: CustomizationJob): void {
  setStatus(platform, job, 'cancelling');
  platform.jobs.cancel(job.id);
}

/** Takes up jobs that an earlier process left, from their beginning. */
export function resumeCustomizations(platform: Platform): void {
  for (const job of platform.customizations.all().filter((one) => !isOver(one))) {
    if (job.status === 'cancelling') setStatus(platform, job, 'cancelled');
    else startCustomization(platform, job);
  }
}

async function train(platform: Platform, job: CustomizationJob, signal: AbortSignal): Promise<void> {
  const base = platform.engine.baseModel(job.config_snapshot.base_model);
  const { epochs, batch_size, learning_rate, lora, seed } = job.hyperparameters;
  restart(job);
  await platform.clock.pause(1, signal);
  setStatus(platform, job, 'pending');
  const adapter = await trainInThread(
    {
      base,
      files: findTrainingFiles(platform, job.dataset),
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
      },
      async stepDone(step) {
        recordStep(job, step);
        await betweenSteps(platform, job, signal);
      },
    },
    signal,
  );
  if (job.output_model !== null) platform.adapters.save(job.output_model, adapter);
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
  const base = job.config_snapshot.base_model;
  const { steps_per_epoch, steps_completed } = job.status_details;
  const steps = steps_per_epoch * job.hyperparameters.epochs;
  await platform.clock.pause(0.05, signal);
  if (base.includes('slow-training')) await setTimeout(SLOW_TRAINING_MS / steps, undefined, { signal });
  if (base.includes('fail-training') && steps_completed >= steps / 2) {
    throw new Error(
      `training of ${base} stopped at step ${steps_completed} (fails on request: its name contains fail-training)`,
    );
  }
}

function end(platform: Platform, job: CustomizationJob, ending: Ending): void {
  if (ending.status === 'failed') setStatus(platform, job, 'failed', 'TrainingFailed', ending.reason);
  else setStatus(platform, job, ending.status);
  const model = job.output_model === null ? undefined : platform.models.get(job.output_model);
  if (!model || job.output_model === null || ending.status === 'cancelled') return;
  const status = ending.status === 'completed' ? 'upload_completed' : 'upload_failed';
  const artifact = { ...Object(model['artifact']), status };
  platform.models.put(job.output_model, { ...model, artifact, updated_at: timestamp() });
}

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
