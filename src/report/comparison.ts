import type {
  CandidateState,
  EvaluationState,
  RunComparison,
  ScoreChange,
  ScoreSummary,
} from '../run-record.js';

type Compared = RunComparison['candidates'][number];

/** The candidates, experiments and scores that both runs have, each with what changed. */
export const compareCandidates = (
  before: readonly CandidateState[],
  now: readonly CandidateState[],
): Compared[] =>
  now.flatMap((candidate) => {
    const earlier = before.find(({ model }) => model === candidate.model);
    if (!earlier) return [];
    const experiments = candidate.evaluations.flatMap((evaluation) =>
      compareExperiment(earlier.evaluations, evaluation),
    );
    return experiments.length === 0 ? [] : [{ model: candidate.model, experiments }];
  });

function compareExperiment(before: readonly EvaluationState[], { kind, scores }: EvaluationState) {
  const earlier = before.find((evaluation) => evaluation.kind === kind)?.scores ?? [];
  const compared = scores.flatMap((score) =>
    changeOf(
      earlier.find(({ key }) => key === score.key),
      score,
    ),
  );
  return compared.length === 0 ? [] : [{ kind, scores: compared }];
}

function changeOf(before: ScoreSummary | undefined, now: ScoreSummary): ScoreChange[] {
  if (before === undefined || before.value === null || now.value === null) return [];
  const [earlier, later] = [
    { value: before.value, interval: before.interval },
    { value: now.value, interval: now.interval },
  ];
  return [
    {
      key: now.key,
      before: { value: before.value, n: before.n },
      now: { value: now.value, n: now.n },
      change: { value: later.value - earlier.value, interval: differenceInterval(earlier, later) },
    },
  ];
}

interface Estimate {
  value: number;
  interval: [number, number] | null;
}

/**
 * Interval of `later - earlier` for independent samples, from the intervals of both: of proportions with Wilson's, method
 * 10 of Newcombe, Statistics in Medicine 17 (1998) 873–890; of others by the same rule, Zou & Donner, Statistics in
 * Medicine 27 (2008) 1693–1702.
 */
export function differenceInterval(earlier: Estimate, later: Estimate): [number, number] | null {
  if (earlier.interval === null || later.interval === null) return null;
  const difference = later.value - earlier.value;
  const below = Math.hypot(later.value - later.interval[0], earlier.interval[1] - earlier.value);
  const above = Math.hypot(later.interval[1] - later.value, earlier.value - earlier.interval[0]);
  return [difference - below, difference + above];
}
