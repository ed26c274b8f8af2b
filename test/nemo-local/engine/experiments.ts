import type { TrainingRow } from '../../../src/nemo-local/engine/types.js';
import type { CanonicalRecord } from '../../../src/records/canonical-record.js';
import { digester } from '../../../src/records/digest.js';
import { Digests } from '../../../src/records/digests.js';
import {
  exampleBudget,
  exampleCandidates,
  examplesFor,
  fittingExamples,
  renderExample,
  tokensOfExample,
  toInContextRow,
  type Example,
} from '../../../src/records/in-context.js';
import { shuffled } from '../../../src/records/random.js';
import { seededRandom } from '../../../src/seeded-random.js';
import { toEvaluationRow, toTrainingRow, type EvaluationRow } from '../../../src/records/rows.js';
import { aPlace } from '../../support/log-records.js';
import { customize, score, shuffleAnswers, type Score } from './scoring.js';

export const EXPERIMENTS = ['base', 'icl', 'icl-shuffled', 'customized', 'shuffled'] as const;
export type Experiment = (typeof EXPERIMENTS)[number];

/** As the demo configures in-context examples. */
const MOST_EXAMPLES = 16;
const CONTEXT = { maxContextLength: 32_768, reservedTokens: 4_096 };
const EVALUATED_SHARE = 0.25;

/** One split of the records by conversation, as rows that end with the logged answer. */
export interface Trial {
  seed: number;
  training: TrainingRow[];
  evaluation: TrainingRow[];
  /** The evaluation rows behind the examples that a run shows. */
  inContext: TrainingRow[];
  /** The same, but that each example ends with the answer of another record. */
  misledInContext: TrainingRow[];
}

export async function aTrial(records: readonly CanonicalRecord[], seed: number): Promise<Trial> {
  const digests = digestsOf(records);
  const conversations = conversationsOf(digests);
  const mixed = shuffled(conversations, seededRandom(seed));
  const cut = Math.round(mixed.length * EVALUATED_SHARE);
  const evaluated = mixed.slice(0, cut).flat();
  const trained = mixed.slice(cut).flat();
  const groups = exampleCandidates(digests, Uint32Array.from(trained), MOST_EXAMPLES);
  const rowOf = (number: number) => toEvaluationRow(digests.idOf(number), recordAt(records, number), ORIGIN);
  const shownOf = (shown: readonly CanonicalRecord[]) => {
    const exampleOf = exampleMaker(shown);
    const examplesAt = (place: number) => examplesFor(groups, place, MOST_EXAMPLES).map(exampleOf);
    return Promise.all(evaluated.map((number, place) => toScored(rowOf(number), examplesAt(place))));
  };
  return {
    seed,
    training: trained.map((number) => toTrainingRow(recordAt(records, number))),
    evaluation: await Promise.all(evaluated.map((number) => toScored(rowOf(number), []))),
    inContext: await shownOf(records),
    misledInContext: await shownOf(withOthersAnswers(records, trained, seed)),
  };
}

/** What a model of that name reaches, untrained and trained; where it is `shuffled`, it was shown answers to other questions. */
export async function runTrial(model: string, trial: Trial): Promise<Record<Experiment, Score>> {
  const { seed, training, evaluation, inContext, misledInContext } = trial;
  const customized = await customize(model, training, { seed });
  const misled = await customize(model, shuffleAnswers(training, seed), { seed });
  return {
    base: score(model, evaluation, null),
    icl: score(model, inContext, null),
    'icl-shuffled': score(model, misledInContext, null),
    customized: score(model, evaluation, customized.adapter),
    shuffled: score(model, evaluation, misled.adapter),
  };
}

/** Billions of parameters. */
export const SIZES = [1, 3, 8] as const;
export type Size = (typeof SIZES)[number];
export const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);

/** Every experiment with a model of each size, ten seeds over. */
export type Learning = Record<Size, Record<Experiment, Score[]>>;

export async function learn(recordsOf: (seed: number) => readonly CanonicalRecord[]): Promise<Learning> {
  const none = () => ({ base: [], icl: [], 'icl-shuffled': [], customized: [], shuffled: [] });
  const learning: Learning = { 1: none(), 3: none(), 8: none() };
  for (const seed of SEEDS) {
    const trial = await aTrial(recordsOf(seed), seed);
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

const ORIGIN = { workloadId: 'w', clientId: 'c' };

function recordAt(records: readonly CanonicalRecord[], number: number): CanonicalRecord {
  const record = records[number];
  if (!record) throw new Error(`there is no record ${number}`);
  return record;
}

/** Numbers of records, in the order in which the logs have them. */
function conversationsOf(digests: Digests): number[][] {
  const conversations = new Map<string, number[]>();
  for (let number = 0; number < digests.length; number++) {
    const key = digests.conversationOf(number);
    conversations.set(key, [...(conversations.get(key) ?? []), number]);
  }
  return [...conversations.values()];
}

/** Of records that lie in no spool; the shortest are examples first, by their bytes. */
function digestsOf(records: readonly CanonicalRecord[]): Digests {
  const digests = new Digests();
  const digestOf = digester();
  for (const [number, record] of records.entries()) {
    digests.add(digestOf(record), aPlace(0, Buffer.byteLength(JSON.stringify(record))), number);
  }
  return digests;
}

/** The records, but that those of the given numbers have changed answers among themselves. */
function withOthersAnswers(
  records: readonly CanonicalRecord[],
  numbers: readonly number[],
  seed: number,
): CanonicalRecord[] {
  const changed = [...records];
  for (const [i, other] of shuffled(numbers, seededRandom(seed)).entries()) {
    const number = numbers[i] ?? other;
    changed[number] = { ...recordAt(records, number), answer: recordAt(records, other).answer };
  }
  return changed;
}

/** Writes each example once: many rows share it. */
function exampleMaker(records: readonly CanonicalRecord[]): (number: number) => Example {
  const known = new Map<number, Example>();
  return (number) => {
    const text = known.get(number)?.text ?? renderExample(recordAt(records, number));
    const example = known.get(number) ?? { text, tokens: tokensOfExample(text) };
    known.set(number, example);
    return example;
  };
}

async function toScored(row: EvaluationRow, examples: readonly Example[]): Promise<TrainingRow> {
  const fitting = await fittingExamples(examples, MOST_EXAMPLES, exampleBudget(row, CONTEXT));
  const { request, response } = toInContextRow(row, fitting);
  return { messages: [...request.messages, response.choices[0].message], tools: request.tools ?? [] };
}
