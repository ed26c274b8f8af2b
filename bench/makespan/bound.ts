// Pure: how soon a scenario could have ended at best, and when by the blueprint's policy. All in seconds.

/** What a candidate's steps took on the platform itself, however late anybody noticed. */
export interface CandidateSteps {
  base: number;
  icl: number;
  customized: number;
  training: number;
}

export interface RunSteps {
  /** From the request to the last dataset. */
  building: number;
  candidates: Record<string, CandidateSteps>;
}

export interface Costs {
  gpus: number;
  /** null: the judge is remote. */
  judgeGpus: number | null;
  deployment: number;
  /** From the end of a training until its adapter is served. */
  adapter: number;
}

/** No schedule ends sooner: neither than its longest chain of steps, nor than its GPU-seconds on all GPUs allow. */
export function lowerBound(
  runs: readonly RunSteps[],
  costs: Costs,
): { criticalPath: number; gpuBound: number } {
  const { gpus } = costs;
  const chains = runs.flatMap(({ building, candidates }) =>
    Object.values(candidates).map((steps) => building + longestChain(steps, costs)),
  );
  const trainings = sum(
    runs.flatMap(({ candidates }) => Object.values(candidates).map(({ training }) => training)),
  );
  const models = modelSeconds(runs, costs);
  const judge = (costs.judgeGpus ?? 0) * judgeSeconds(runs, costs);
  const building = Math.min(...runs.map((run) => run.building));
  return { criticalPath: Math.max(...chains), gpuBound: building + (trainings + sum(models) + judge) / gpus };
}

function longestChain(
  { base, icl, customized, training }: CandidateSteps,
  { deployment, adapter }: Costs,
): number {
  return Math.max(deployment + Math.max(base, icl), Math.max(deployment, training + adapter) + customized);
}

/** A model is deployed once at least, and then for its longest evaluation, since all may run side by side. */
const modelSeconds = (runs: readonly RunSteps[], { deployment }: Costs): number[] =>
  evaluationSeconds(runs).map((seconds) => deployment + seconds);

function evaluationSeconds(runs: readonly RunSteps[]): number[] {
  const longest = new Map<string, number>();
  for (const { candidates } of runs)
    for (const [model, { base, icl, customized }] of Object.entries(candidates))
      longest.set(model, Math.max(longest.get(model) ?? 0, base, icl, customized));
  return [...longest.values()];
}

/**
 * While a judge has its GPUs, models have the rest, so its evaluations take their time there. Deployed k times it is
 * deploying for k × deployment, and only as many models as fit beside it can have been deployed before each time.
 */
function judgeSeconds(runs: readonly RunSteps[], costs: Costs): number {
  const { gpus, judgeGpus, deployment } = costs;
  if (judgeGpus === null) return 0;
  const beside = gpus - judgeGpus;
  const evaluations = evaluationSeconds(runs);
  const evaluating = Math.max(sum(evaluations) / beside, ...evaluations);
  const all = sum(modelSeconds(runs, costs)) / beside;
  const times = evaluations.map((_, i) => i + 1);
  return Math.min(...times.map((k) => Math.max(evaluating + k * deployment, all - k * deployment)));
}

/**
 * The blueprint: one run after the other, in each one model after the other, its evaluations beside its training, the
 * judge deployed all along.
 */
export function serialMakespan(runs: readonly RunSteps[], { judgeGpus, deployment, adapter }: Costs): number {
  return sum(
    runs.map(({ building, candidates }) => {
      const models = Object.values(candidates).map(
        ({ base, icl, customized, training }) =>
          deployment + Math.max(base, icl, training + adapter + customized),
      );
      return Math.max(building, judgeGpus === null ? 0 : deployment) + sum(models);
    }),
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
