import { scorePaths, taskNames } from '../src/nemo/evaluation-config.js';
import type { EvaluatedSample, EvaluationResults } from '../src/nemo/evaluator.js';
import type { Sample } from '../src/report/types.js';
import type { EvaluationSlice, ScoreSummary } from '../src/run-record.js';

/**
 * The scores of an evaluation with their n and failed samples. A metric that is missing loses only itself: its rows
 * count as failed. Slices of one type are merged, weighted by n.
 */
export function readScores(results: EvaluationResults, slices: readonly EvaluationSlice[]): ScoreSummary[] {
  const scores = new Map<string, ScoreSummary>();
  const names = taskNames(slices);
  slices.forEach((slice, i) => {
    for (const { key, task, metric, score } of scorePaths(slice, names[i] ?? '')) {
      const found = results.tasks[task]?.metrics?.[metric]?.scores?.[score];
      const value = found?.value ?? null;
      const n = value === null ? 0 : Math.min(found?.stats?.count ?? slice.rows, slice.rows);
      const part = { key, value, n, failed: slice.rows - n, interval: null, difference: null };
      scores.set(key, merge(scores.get(key), part));
    }
  });
  return [...scores.values()];
}

function merge(known: ScoreSummary | undefined, part: ScoreSummary): ScoreSummary {
  if (!known) return part;
  const n = known.n + part.n;
  const value = n === 0 ? null : ((known.value ?? 0) * known.n + (part.value ?? 0) * part.n) / n;
  return { ...known, n, value, failed: known.failed + part.failed };
}

/** The archive's rows as samples of the report. */
export function readSamples(
  archive: Record<string, EvaluatedSample[]>,
  slices: readonly EvaluationSlice[],
): Sample[] {
  const names = taskNames(slices);
  return slices.flatMap((slice, i) => {
    const task = names[i] ?? '';
    const paths = scorePaths(slice, task);
    return (archive[task] ?? []).map(({ item, metrics }, row) => ({
      id: typeof item['flywheel_id'] === 'string' ? item['flywheel_id'] : `${task}-${row}`,
      slice: slice.type,
      scores: Object.fromEntries(
        paths.map(({ key, metric, score }) => [key, metrics?.[metric]?.scores?.[score]?.value ?? null]),
      ),
    }));
  });
}
