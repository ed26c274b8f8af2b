import type {
  EvaluationState,
  ExperimentKind,
  ScoreSummary,
  Verdict,
  VerdictWord,
  WorkloadType,
} from '../run-record.js';
import { ENOUGH_RATINGS, variance, Z95 } from './intervals.js';
import { valuesOf } from './scores.js';
import type { Sample, SamplesByExperiment } from './types.js';
import { inWords } from './verdict-in-words.js';

/** The one score of a slice that a verdict rests on, as a share of 1. */
const PRIMARY: Record<WorkloadType, { key: string; scale: number }> = {
  'tool-calling': { key: 'function_name_and_args_accuracy', scale: 1 },
  generic: { key: 'similarity', scale: 10 },
};

const RANK: Record<VerdictWord, number> = { ready: 3, undecided: 2, 'not ready': 1, 'no result': 0 };

/** What one slice says; value, interval and difference as shares of 1. */
export interface SliceResult {
  type: WorkloadType;
  /** null: none of its rows has a score. */
  value: number | null;
  /** null: nothing is known of how far the value may be off. */
  interval: [number, number] | null;
  n: number;
  failed: number;
  /** To the base experiment, paired. */
  difference: { value: number; interval: [number, number] } | null;
  word: VerdictWord;
  furtherSamples: number | null;
}

export interface ExperimentResult {
  kind: ExperimentKind;
  word: VerdictWord;
  slices: SliceResult[];
  /** Primary scores, weighted by n. */
  score: number;
  furtherSamples: number | null;
}

interface Question {
  target: number;
  slices: { type: WorkloadType; rows: number }[];
  evaluations: readonly EvaluationState[];
  samples: SamplesByExperiment;
}

/**
 * The verdict on a candidate, from its best experiment: the one with the best word, then with the highest primary
 * score weighted by n. *Ready*: the lower bound reaches the target in every slice. *Not ready*: an upper bound stays
 * below it in some slice. Else *undecided*.
 */
export function verdictOn({ target, slices, evaluations, samples }: Question): Verdict {
  const types = [...new Set(slices.filter(({ rows }) => rows > 0).map(({ type }) => type))];
  const results = evaluations
    .filter(({ status }) => status === 'completed')
    .map(({ kind, scores }) =>
      judgeExperiment(
        kind,
        types.map((type) => judgeSlice(type, scores, target, samples[kind])),
      ),
    )
    .filter(({ slices: judged }) => judged.some(({ n }) => n > 0))
    .sort((a, b) => RANK[b.word] - RANK[a.word] || b.score - a.score);
  const best = results[0];
  if (!best)
    return {
      word: 'no result',
      experiment: null,
      target,
      furtherSamples: null,
      text: 'no experiment has a result',
    };
  const { word, kind, furtherSamples } = best;
  return { word, experiment: kind, target, furtherSamples, text: inWords(best, target) };
}

function judgeSlice(
  type: WorkloadType,
  scores: readonly ScoreSummary[],
  target: number,
  samples: readonly Sample[] | undefined,
): SliceResult {
  const { key, scale } = PRIMARY[type];
  const score = scores.find((candidate) => candidate.key === key);
  const value = score === undefined || score.value === null ? null : score.value / scale;
  const interval = score?.interval ? shares(score.interval, scale) : null;
  const { n = 0, failed = 0, difference = null } = score ?? {};
  const word = wordOf(interval, target);
  return {
    type,
    value,
    interval,
    n,
    failed,
    difference: difference && {
      value: difference.value / scale,
      interval: shares(difference.interval, scale),
    },
    word,
    furtherSamples:
      word === 'undecided' && value !== null && interval !== null
        ? further(value, target, n, scale === 1 ? null : ratingsOf(key, samples))
        : null,
  };
}

const shares = ([low, high]: [number, number], scale: number): [number, number] => [
  low / scale,
  high / scale,
];

const ratingsOf = (key: string, samples: readonly Sample[] = []): number[] =>
  valuesOf(key, samples).filter((rating) => rating !== null);

function wordOf(interval: [number, number] | null, target: number): VerdictWord {
  if (interval === null) return 'undecided';
  return interval[0] >= target ? 'ready' : interval[1] < target ? 'not ready' : 'undecided';
}

function judgeExperiment(kind: ExperimentKind, slices: SliceResult[]): ExperimentResult {
  const samplesInAll = slices.reduce((sum, { n }) => sum + n, 0);
  const word = slices.some((slice) => slice.word === 'not ready')
    ? 'not ready'
    : slices.every((slice) => slice.word === 'ready')
      ? 'ready'
      : 'undecided';
  return {
    kind,
    word,
    slices,
    score: slices.reduce((sum, { value, n }) => sum + (value ?? 0) * n, 0) / Math.max(1, samplesInAll),
    furtherSamples: word === 'undecided' ? mostNeeded(slices) : null,
  };
}

/** The undecided slice that needs most; null when it cannot be told for one of them. */
function mostNeeded(slices: readonly SliceResult[]): number | null {
  const needed = slices.filter(({ word }) => word === 'undecided').map((slice) => slice.furtherSamples);
  return needed.includes(null) ? null : Math.max(...needed.map((count) => count ?? 0));
}

/**
 * Further samples until the interval no longer holds the target, if the value holds; null when it lies on the target.
 * For a proportion n is at least z²·t(1 − t)/(p − t)²: Wilson's interval holds exactly the targets that the score test,
 * which takes its variance at the target, does not reject. For ratings their variance stands for t(1 − t).
 */
function further(p: number, target: number, n: number, ratings: readonly number[] | null): number | null {
  if (p === target) return null;
  const spread = ratings === null ? target * (1 - target) : variance(ratings) / 100;
  const needed = Math.ceil((Z95 ** 2 * spread) / (p - target) ** 2);
  return Math.max(1, Math.max(needed, ratings === null ? 0 : ENOUGH_RATINGS) - n);
}
