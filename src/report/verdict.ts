import type { EvaluationState, ExperimentKind, Verdict, VerdictWord, WorkloadType } from '../run-record.js';
import { Z95, variance } from './intervals.js';
import { valuesOf } from './scores.js';
import type { Sample, SamplesByExperiment } from './types.js';

/** The one score of a slice that a verdict rests on, as a share of 1. */
const PRIMARY: Record<WorkloadType, { key: string; scale: number }> = {
  'tool-calling': { key: 'function_name_and_args_accuracy', scale: 1 },
  generic: { key: 'similarity', scale: 10 },
};

const RANK: Record<VerdictWord, number> = { ready: 3, undecided: 2, 'not ready': 1, 'no result': 0 };
const NAMES: Record<ExperimentKind, string> = {
  base: 'as it is',
  icl: 'with in-context examples',
  customized: 'customized',
};

interface SliceResult {
  type: WorkloadType;
  value: number;
  interval: [number, number];
  n: number;
  failed: number;
  word: VerdictWord;
  furtherSamples: number | null;
}

interface ExperimentResult {
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
    .map((evaluation) => judgeExperiment(evaluation, types, target, samples[evaluation.kind]))
    .filter((result) => result !== null)
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

/** null when a slice has no primary score with an interval: nothing can be said of it. */
function judgeExperiment(
  { kind, scores }: EvaluationState,
  types: readonly WorkloadType[],
  target: number,
  samples: readonly Sample[] | undefined,
): ExperimentResult | null {
  const results: SliceResult[] = [];
  for (const type of types) {
    const { key, scale } = PRIMARY[type];
    const score = scores.find((candidate) => candidate.key === key);
    if (!score?.interval) return null;
    const value = score.value / scale;
    const interval: [number, number] = [score.interval[0] / scale, score.interval[1] / scale];
    const word = interval[0] >= target ? 'ready' : interval[1] < target ? 'not ready' : 'undecided';
    const ratings = samples ? valuesOf(key, samples).filter((rating) => rating !== null) : [];
    const spread = scale === 1 ? value * (1 - value) : variance(ratings) / scale ** 2;
    const furtherSamples = word === 'undecided' ? further(value, spread, target, score.n) : null;
    results.push({ type, value, interval, n: score.n, failed: score.failed, word, furtherSamples });
  }
  if (results.length === 0) return null;
  const samplesInAll = results.reduce((sum, { n }) => sum + n, 0);
  return {
    kind,
    word: wordOf(results),
    slices: results,
    score: results.reduce((sum, { value, n }) => sum + value * n, 0) / samplesInAll,
    furtherSamples: furtherOf(results),
  };
}

function wordOf(results: readonly SliceResult[]): VerdictWord {
  if (results.some(({ word }) => word === 'not ready')) return 'not ready';
  return results.every(({ word }) => word === 'ready') ? 'ready' : 'undecided';
}

/** The slice that needs most decides; null when none is undecided, or one lies on the target itself. */
function furtherOf(results: readonly SliceResult[]): number | null {
  const undecided = results.filter(({ word }) => word === 'undecided').map((result) => result.furtherSamples);
  if (wordOf(results) !== 'undecided' || undecided.includes(null)) return null;
  return Math.max(...undecided.map((count) => count ?? 0));
}

/** ⌈z²·variance/(p − target)²⌉ − n: samples until a normal interval around p no longer holds the target. */
function further(p: number, spread: number, target: number, n: number): number | null {
  if (p === target) return null;
  return Math.max(1, Math.ceil((Z95 ** 2 * spread) / (p - target) ** 2) - n);
}

const percent = (share: number): string => `${Math.round(share * 100)}`;

function inWords({ kind, word, slices, furtherSamples }: ExperimentResult, target: number): string {
  const measured = slices.map(sliceInWords).join(' and ');
  const decision =
    word === 'undecided'
      ? `undecided at ${percent(target)} %${furtherSamples === null ? '' : `: ${furtherSamples} more samples would decide`}`
      : `${word} at ${percent(target)} %`;
  return `${NAMES[kind]}: ${measured}; ${decision}`;
}

function sliceInWords({ type, value, interval, n, failed }: SliceResult): string {
  const lost = failed > 0 ? ` (${failed} more failed)` : '';
  if (type === 'tool-calling') {
    const bounds = interval.map(percent).join(', ');
    return `agrees with production on ${percent(value)} % [${bounds}] of ${n} tool calls${lost}`;
  }
  const bounds = interval.map((bound) => (bound * 10).toFixed(1)).join(', ');
  return `rated ${(value * 10).toFixed(1)} of 10 [${bounds}] against production on ${n} plain answers${lost}`;
}
