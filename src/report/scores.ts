import type { EvaluationState, ScoreSummary } from '../run-record.js';
import { bootstrapMean, mean, ratingInterval, wilson } from './intervals.js';
import type { Sample, SamplesByExperiment } from './types.js';

/** Lowest and highest rating of the scores that are a mean of ratings; all others are proportions. */
const RATINGS: Record<string, [number, number] | undefined> = { similarity: [1, 10] };

/** The evaluations with intervals, and with paired differences to base, as far as their samples are known. */
export const completeScores = (
  evaluations: readonly EvaluationState[],
  samples: SamplesByExperiment,
  seed: number,
): EvaluationState[] =>
  evaluations.map((evaluation) => ({
    ...evaluation,
    scores: evaluation.scores.map((score) => {
      const own = samples[evaluation.kind];
      const measured = own ? measure(score, own, seed) : withoutSamples(score);
      const base = evaluation.kind === 'base' ? undefined : samples.base;
      return { ...measured, difference: own && base ? pairedDifference(score.key, own, base, seed) : null };
    }),
  }));

/** Value, n and failed as the samples have them. */
function measure(score: ScoreSummary, samples: readonly Sample[], seed: number): ScoreSummary {
  const values = valuesOf(score.key, samples);
  if (values.length === 0) return withoutSamples(score);
  const scored = values.filter((value) => value !== null);
  const failed = values.length - scored.length;
  if (scored.length === 0) return { ...score, value: null, n: 0, failed, interval: null };
  const value = mean(scored);
  const bounds = RATINGS[score.key];
  const interval = bounds ? ratingInterval(scored, ...bounds, seed) : wilson(value, scored.length);
  return { ...score, value, n: scored.length, failed, interval };
}

/** A proportion's interval needs only n; a mean's needs the samples. */
const withoutSamples = (score: ScoreSummary): ScoreSummary => ({
  ...score,
  interval: score.value === null || RATINGS[score.key] ? null : wilson(score.value, score.n),
});

/** Mean difference over the rows that both experiments have, with a bootstrap over pairs; null without a pair. */
function pairedDifference(key: string, own: readonly Sample[], base: readonly Sample[], seed: number) {
  const baseValues = new Map(base.map((sample) => [sample.id, sample.scores[key] ?? null]));
  const differences = own.flatMap((sample) => {
    const mine = sample.scores[key] ?? null;
    const theirs = baseValues.get(sample.id) ?? null;
    return mine === null || theirs === null ? [] : [mine - theirs];
  });
  if (differences.length === 0) return null;
  return { value: mean(differences), n: differences.length, interval: bootstrapMean(differences, seed) };
}

/** One entry for each sample that should have this score; null where it failed. */
export const valuesOf = (key: string, samples: readonly Sample[]): (number | null)[] =>
  samples.filter(({ scores }) => key in scores).map(({ scores }) => scores[key] ?? null);
