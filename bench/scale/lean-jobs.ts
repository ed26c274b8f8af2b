import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';

// Pure: jobs that compute nothing, and are over after so many seconds.

const Model = z.union([z.string(), z.unknown()]);
const Task = z.object({
  dataset: z.object({ limit: z.number() }),
  metrics: z.record(
    z.string(),
    z.looseObject({ params: z.looseObject({ scores: z.record(z.string(), z.unknown()).optional() }) }),
  ),
});
export const NewTraining = z.looseObject({ output_model: z.string(), project: z.string() });
export const NewEvaluation = z.looseObject({
  project: z.string(),
  custom_fields: z.record(z.string(), z.unknown()),
  target: z.object({ model: Model }),
  config: z.object({ tasks: z.record(z.string(), Task) }),
});

export interface LeanJob {
  id: string;
  project: string;
  createdAt: number;
  isCancelled: boolean;
  /** What it was created with, as its document shows it. */
  shown: Record<string, unknown>;
  tasks: Record<string, z.infer<typeof Task>>;
}

/** How a job of that many seconds stands. */
export const statusOf = ({ createdAt, isCancelled }: LeanJob, seconds: number): string =>
  isCancelled ? 'cancelled' : Date.now() - createdAt < seconds * 1000 ? 'running' : 'completed';

/** The platform names the scores of tool calls itself. */
const SCORES: Record<string, string[]> = {
  'tool-calling-accuracy': ['function_name_accuracy', 'function_name_and_args_accuracy'],
};

/** Every row is right. */
const scoresOf = (tasks: LeanJob['tasks'], score: (rows: number) => object) =>
  Object.entries(tasks).map(([task, { metrics, dataset }]) => {
    const named = Object.entries(metrics).map(([metric, { params }]) => {
      const names = SCORES[metric] ?? Object.keys(params.scores ?? {});
      return [metric, { scores: Object.fromEntries(names.map((name) => [name, score(dataset.limit)])) }];
    });
    return { task, rows: dataset.limit, metrics: Object.fromEntries(named) as object };
  });

export const resultsOf = ({ tasks }: LeanJob) => ({
  tasks: Object.fromEntries(
    scoresOf(tasks, (count) => ({ value: 1, stats: { count } })).map(({ task, metrics }) => [
      task,
      { metrics },
    ]),
  ),
});

/** The archive with every row. */
export function archiveOf({ tasks }: LeanJob): Uint8Array {
  const rows = scoresOf(tasks, () => ({ value: 1 })).map(({ task, rows, metrics }) => [
    task,
    Array.from({ length: rows }, (_, i) => ({ item: { flywheel_id: `row-${i}` }, metrics })),
  ]);
  return zipSync({ 'results.json': strToU8(JSON.stringify(Object.fromEntries(rows))) });
}
