import { expect, onTestFinished } from 'vitest';
import type { CandidateConfig, RunConfig } from '../../src/config/run-config.js';
import { Gate } from '../support/gate.js';
import { IN_TIME, platformState } from '../support/observe.js';
import { orderLogs } from '../support/order-logs.js';
import { startWorld, type World, type WorldOptions } from '../support/world.js';
import { stateOf } from './holders.js';

/** A world with logs, in which real runs share a pool. */
export async function aWorldOfRuns(options: WorldOptions = {}): Promise<World & { gate: Gate }> {
  const gate = new Gate();
  const world = await startWorld({ gate, ...options });
  onTestFinished(() => world.close());
  await world.api.importRecords(orderLogs(30));
  return { ...world, gate };
}

const gpusOf = (candidate: CandidateConfig, gpus: number): CandidateConfig => ({
  ...candidate,
  deployment:
    candidate.deployment.kind === 'managed' ? { ...candidate.deployment, gpus } : candidate.deployment,
});

/** How many GPUs the judge, each candidate and each training take. */
export const sized =
  (judge: number, model: number, training: number) =>
  (run: RunConfig): void => {
    if (run.judge.deployment.kind === 'managed')
      run.judge.deployment = { ...run.judge.deployment, gpus: judge };
    run.candidates = run.candidates.map((candidate) => ({
      ...gpusOf(candidate, model),
      customizer: candidate.customizer && { ...candidate.customizer, gpus: training },
    }));
  };

/** Has another model rate answers, deployed as the candidates are. */
export const judgedBy =
  (model: string) =>
  (run: RunConfig): void => {
    run.judge = { model, deployment: run.candidates[0]!.deployment };
  };

const OVER = ['completed', 'failed', 'cancelled'];

/** Asserts that nobody holds anything, nothing is deployed and no job runs, within the idle time, the grace and a pass. */
export async function expectNothingLeft(world: World): Promise<void> {
  await expect
    .poll(async () => {
      const { models, trainings, queue } = await stateOf(world);
      const { deployments, customizations, evaluations } = await platformState(world.nemoUrl);
      const running = [...customizations, ...evaluations].filter(({ status }) => !OVER.includes(status));
      return { models, trainings, queue, deployments, running };
    }, IN_TIME)
    .toEqual({ models: [], trainings: [], queue: [], deployments: [], running: [] });
}
