import { onTestFinished } from 'vitest';
import type { RunEvaluationInput } from '../../activities/contract.js';
import type { EvaluationSlice } from '../../src/run-record.js';
import {
  aCandidate,
  aRunId,
  aTrainingUse,
  platformActivities,
  QUICKLY,
  TRAINING,
} from '../support/activity-world.js';
import { Gate } from '../support/gate.js';
import { aDataset, aPlatform, get } from '../support/local-platform.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

export const MODEL = 'stand-in/tiny-3b';
export const JUDGE = 'stand-in/judge-70b';
export const SLICE: EvaluationSlice = {
  type: 'tool-calling',
  file: 'eval_data.jsonl',
  rows: 12,
  tools: true,
};

/** The activities over a platform with datasets, and what they are asked to do there. */
export async function aWorld(model = MODEL, gate = new Gate()) {
  const platform = await aPlatform();
  const door = await gate.before(platform.nemoUrl);
  onTestFinished(() => door.close());
  await aDataset(platform, 'train', {
    'training/train_data.jsonl': trainingRows(60),
    'validation/val_data.jsonl': trainingRows(10),
  });
  await aDataset(platform, 'eval', { 'eval_data.jsonl': evaluationRows(12) });
  const runId = aRunId();
  const use = aTrainingUse(runId, model);
  const training = {
    use,
    pool: 'no-pool',
    namespace: 'test',
    candidate: aCandidate(model),
    training: TRAINING,
    dataset: 'train',
    patience: QUICKLY,
  };
  const evaluation: RunEvaluationInput = {
    runId,
    namespace: 'test',
    candidate: model,
    kind: 'base',
    target: { model, url: null },
    judge: { model: JUDGE, deployment: { kind: 'external', url: null } },
    dataset: 'eval',
    slices: [SLICE],
    gpus: null,
    patience: QUICKLY,
  };
  return { platform, use, training, evaluation, ...platformActivities({ ...platform, nemoUrl: door.url }) };
}

export async function jobsOf(platform: { nemoUrl: string }, kind: 'customization' | 'evaluation') {
  const { body } = await get(`${platform.nemoUrl}/v1/${kind}/jobs`);
  return (body as { data: { id: string; status: string }[] }).data;
}
