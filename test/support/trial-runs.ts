import type { RunConfig } from '../../src/config/run-config.js';
import { ORDERS } from './order-logs.js';
import { withModel, type World } from './world.js';

export const TINY = 'stand-in/tiny-1b';
export const SMALL = 'stand-in/tiny-3b';
/** Its training ends only when it is cancelled. */
export const ENDLESS = 'stand-in/hang-training-1b';
/** Its training takes 15 seconds at least. */
export const SLOW = 'stand-in/slow-training-1b';

/** What a run is to try; whatever is not named is as in the demo's configuration. */
export interface Trial {
  models: string[];
  workload?: string;
  split?: object;
  configure?: (run: RunConfig) => void;
  /** Its Idempotency-Key. */
  key?: string;
}

/** Starts a run over `POST /api/jobs` on a gateway that is configured for it, and returns its id. */
export async function startTrial(world: World, trial: Trial): Promise<string> {
  const { models, workload = ORDERS.workload, split = {}, configure, key } = trial;
  // The gateway holds this very object.
  const { config } = world;
  const usual = config.run;
  const [first] = usual.candidates;
  config.run = structuredClone(usual);
  config.run.candidates = models.flatMap((model) => (first ? [withModel(first, model)] : []));
  configure?.(config.run);
  try {
    return await world.api.start(workload, ORDERS.client, { eval_size: 15, ...split }, key);
  } finally {
    config.run = usual;
  }
}

/** Leaves the candidates as they are: nothing is trained. */
export const untrained = (run: RunConfig): void => {
  run.candidates = run.candidates.map((candidate) => ({ ...candidate, customizer: null }));
};

const external = { kind: 'external', url: null } as const;

/** Others serve the model, which also judges: no use of GPUs stands for its evaluations. */
export const servedByOthers = (model: string) => (run: RunConfig) => {
  untrained(run);
  run.candidates = run.candidates.map((candidate) => ({ ...candidate, deployment: external }));
  run.judge = { model, deployment: external };
};
