import type { TrainingRow } from '../../../src/nemo-local/engine/types.js';
import type { CanonicalRecord } from '../../../src/records/canonical-record.js';
import { digestOf, type Digest } from '../../../src/records/digest.js';
import { groupBy } from '../../../src/records/group-by.js';
import {
  exampleCandidates,
  examplesFor,
  fittingExamples,
  renderExample,
  toInContextRow,
  type Example,
} from '../../../src/records/in-context.js';
import { seededRandom, shuffled } from '../../../src/records/random.js';
import { toEvaluationRow, toTrainingRow, type EvaluationRow } from '../../../src/records/rows.js';
import { countTokens } from '../../../src/records/tokens.js';
import { customize, score, shuffleAnswers, type Score } from './scoring.js';

export const EXPERIMENTS = ['base', 'icl', 'customized', 'shuffled'] as const;
export type Experiment = (typeof EXPERIMENTS)[number];

/** As the demo configures in-context examples. */
const MOST_EXAMPLES = 16;
const TOKENS = 32_768 - 4_096;
const EVALUATED_SHARE = 0.25;

/** One split of the records by conversation, as rows that end with the logged answer. */
export interface Trial {
  seed: number;
  training: TrainingRow[];
  evaluation: TrainingRow[];
  /** The evaluation rows behind the examples that a run shows. */
  inContext: TrainingRow[];
}

export function aTrial(records: readonly CanonicalRecord[], seed: number): Trial {
  const logged = records.map(toLogged);
  const conversations = [...groupBy(logged, ({ digest }) => digest.conversation).values()];
  const mixed = shuffled(conversations, seededRandom(seed));
  const cut = Math.round(mixed.length * EVALUATED_SHARE);
  const evaluated = mixed.slice(0, cut).flat();
  const trained = mixed.slice(cut).flat();
  const exampleOf = exampleMaker(trained);
  const groups = exampleCandidates(
    trained.map(({ digest }) => digest),
    MOST_EXAMPLES,
  );
  return {
    seed,
    training: trained.map(({ record }) => toTrainingRow(record)),
    evaluation: evaluated.map(({ row }) => toScored(row, [])),
    inContext: evaluated.map(({ row }, i) =>
      toScored(row, examplesFor(groups, i, MOST_EXAMPLES).map(exampleOf)),
    ),
  };
}

/** What a model of that name reaches, untrained and trained; `shuffled` is trained on answers to other questions. */
export async function runTrial(model: string, trial: Trial): Promise<Record<Experiment, Score>> {
  const { seed, training, evaluation, inContext } = trial;
  const customized = await customize(model, training, { seed });
  const misled = await customize(model, shuffleAnswers(training, seed), { seed });
  return {
    base: score(model, evaluation, null),
    icl: score(model, inContext, null),
    customized: score(model, evaluation, customized.adapter),
    shuffled: score(model, evaluation, misled.adapter),
  };
}

/** Billions of parameters. */
export const SIZES = [1, 3, 8] as const;
export type Size = (typeof SIZES)[number];
const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);

/** Every experiment with a model of each size, ten seeds over. */
export type Learning = Record<Size, Record<Experiment, Score[]>>;

export async function learn(recordsOf: (seed: number) => readonly CanonicalRecord[]): Promise<Learning> {
  const none = () => ({ base: [], icl: [], customized: [], shuffled: [] });
  const learning: Learning = { 1: none(), 3: none(), 8: none() };
  for (const seed of SEEDS) {
    const trial = aTrial(recordsOf(seed), seed);
    for (const size of SIZES) {
      const scores = await runTrial(`stand-in/tiny-${size}b`, trial);
      for (const experiment of EXPERIMENTS) learning[size][experiment].push(scores[experiment]);
    }
  }
  return learning;
}

/** Mean over the seeds. */
export const meanOf = (scores: readonly Score[], key: keyof Score): number =>
  scores.reduce((sum, score) => sum + score[key], 0) / scores.length;

interface Logged {
  record: CanonicalRecord;
  digest: Digest;
  row: EvaluationRow;
}

function toLogged(record: CanonicalRecord): Logged {
  const digest = digestOf(record, 0, JSON.stringify(record).length);
  return { record, digest, row: toEvaluationRow(digest.id, record, { workloadId: 'w', clientId: 'c' }) };
}

/** Writes each example once: many rows share it. */
function exampleMaker(trained: readonly Logged[]): (digest: Digest) => Example {
  const recordOf = new Map(trained.map(({ digest, record }) => [digest, record]));
  const known = new Map<Digest, Example>();
  return (digest) => {
    const record = recordOf.get(digest);
    const text = record === undefined ? '' : renderExample(record);
    const example = known.get(digest) ?? { text, tokens: countTokens(text) };
    known.set(digest, example);
    return example;
  };
}

function toScored(row: EvaluationRow, examples: readonly Example[]): TrainingRow {
  const left = TOKENS - countTokens(JSON.stringify(row.request));
  const { request, response } = toInContextRow(row, fittingExamples(examples, MOST_EXAMPLES, left));
  return { messages: [...request.messages, response.choices[0].message], tools: request.tools ?? [] };
}
