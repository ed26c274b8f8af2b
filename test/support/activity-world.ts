import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { inject, onTestFinished } from 'vitest';
import { createCustomizationActivities } from '../../activities/customizations.js';
import { createDeploymentActivities } from '../../activities/deployments.js';
import { createEvaluationActivities } from '../../activities/evaluations.js';
import { classifyFailures } from '../../activities/failures.js';
import { createReportActivities } from '../../activities/reports.js';
import { createRunJobActivities } from '../../activities/run-jobs.js';
import { createRunActivities } from '../../activities/run-records.js';
import type { ActivityServices } from '../../activities/services.js';
import type { CandidateConfig, ManagedDeployment } from '../../src/config/run-config.js';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { TRAINING as TRAINING_STEP, useId } from '../../src/gpu-pool.js';
import { secretTexts } from '../../src/masked.js';
import { createNemo } from '../../src/nemo/index.js';
import { candidateWorkflowId } from '../../workflows/contract.js';
import { type ActivityInfo, anActivityEnvironment } from './activity-environment.js';

export const QUICKLY = { pollMs: 10, stallMs: 30_000 };

/** The shared server, in the namespace `default`, where nothing runs of what these activities ask for. */
export function aTemporal(): Client {
  const connection = Connection.lazy({ address: inject('temporal').address });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

/** The activities, as far as they need nothing but the platform and Temporal. */
export function platformActivities(
  platform: Pick<NemoLocal, 'nemoUrl' | 'nimUrl' | 'dataStoreUrl'>,
  temporal = aTemporal(),
  judgeApiKey: string | null = null,
) {
  const secrets = { judgeApiKey, embeddingApiKey: null, hfToken: 'nothing', gatewayKey: null };
  const nemo = createNemo({ ...platform, ...secrets });
  // Those that use a store are not called.
  const services = { nemo, secrets, temporal } as ActivityServices;
  const activities = classifyFailures(secretTexts(secrets), {
    ...createDeploymentActivities(services),
    ...createCustomizationActivities(services),
    ...createEvaluationActivities(services),
    ...createReportActivities(services),
    ...createRunActivities(services),
    ...createRunJobActivities(services),
  });
  return { nemo, activities };
}

/** Runs an activity as a worker would; it may bring the heartbeat of an earlier attempt, or be of a certain workflow. */
export function asActivity(heartbeatDetails?: unknown, info: ActivityInfo = {}) {
  const environment = anActivityEnvironment({ heartbeatDetails, ...info });
  return {
    environment,
    run: <I, O>(activity: (input: I) => Promise<O>, input: I): Promise<O> =>
      environment.run(activity, input) as Promise<O>,
  };
}

export const MANAGED: ManagedDeployment = {
  kind: 'managed',
  image: 'registry/model',
  tag: '1',
  gpus: 1,
  pvcSize: null,
};

export const aCandidate = (model: string): CandidateConfig => ({
  model,
  contextLength: 8192,
  deployment: MANAGED,
  customizer: {
    target: `${model}@1.0`,
    gpus: 1,
    numNodes: 1,
    tensorParallelSize: 1,
    dataParallelSize: 1,
    useSequenceParallel: false,
    microBatchSize: 1,
    trainingPrecision: 'bf16-mixed',
    maxSeqLength: 4096,
  },
});

export const TRAINING = {
  trainingType: 'sft',
  finetuningType: 'lora',
  epochs: 2,
  batchSize: 16,
  learningRate: 1e-4,
  adapterDim: 32,
  adapterDropout: 0.1,
};

/** A use of GPUs by a candidate, as a training is named after it. */
export const aTrainingUse = (runId: string, model: string): string =>
  useId(candidateWorkflowId(runId, model), TRAINING_STEP, randomUUID().slice(0, 8));

export const aRunId = (): string => randomUUID().replaceAll('-', '').slice(0, 24);
