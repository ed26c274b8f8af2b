import { hash } from '../../src/nemo-local/engine/hash.js';
import { readCall, readTurns } from '../../src/nemo-local/engine/turn.js';
import type { TrainingRow } from '../../src/nemo-local/engine/types.js';
import { wordsOf } from '../../src/nemo-local/engine/words.js';

/** What names a function for a row that ends with a call, without being a language model. */
type Namer = (row: Asked) => string;

/** A row that ends with a call. */
interface Asked {
  wanted: string;
  /** Words of the last six messages before it. */
  words: string[];
  /** The tools that are offered, with the words of their descriptions. */
  tools: { name: string; words: Set<string> }[];
}

const LAST_MESSAGES = 6;

/** Share of the evaluation's calls whose function each baseline names, learned from the calls of the training rows. */
export function baselineScores(
  training: readonly TrainingRow[],
  evaluation: readonly TrainingRow[],
): Record<string, number> {
  const [learned, asked] = [training.flatMap(toAsked), evaluation.flatMap(toAsked)];
  const namers = {
    majority: majorityOf(learned),
    'word overlap': overlapping,
    'linear words': linearOf(learned),
  };
  const share = (name: Namer) => asked.filter((row) => name(row) === row.wanted).length / asked.length;
  return Object.fromEntries(Object.entries(namers).map(([baseline, name]) => [baseline, share(name)]));
}

function toAsked({ messages, tools }: TrainingRow): Asked[] {
  const calls = messages.at(-1)?.tool_calls;
  const wanted = Array.isArray(calls) ? readCall(calls[0])?.name : undefined;
  if (wanted === undefined) return [];
  const seen = readTurns(messages.slice(0, -1)).filter(({ role }) => role !== 'system');
  const words = seen
    .slice(-LAST_MESSAGES)
    .flatMap(({ text, calls: made }) => [...wordsOf(text), ...made.map(({ name }) => name)]);
  const offered = (tools ?? []).map(({ function: { name, description } }) => ({
    name,
    words: new Set(wordsOf(String(description ?? ''))),
  }));
  return [{ wanted, words, tools: offered }];
}

function majorityOf(learned: readonly Asked[]): Namer {
  const counts = new Map<string, number>();
  for (const { wanted } of learned) counts.set(wanted, (counts.get(wanted) ?? 0) + 1);
  const [most = ''] = [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? [];
  return () => most;
}

/** The tool whose description shares most words with the messages; of several, the first. */
function overlapping({ words, tools }: Asked): string {
  const known = new Set(words);
  const shared = tools.map((tool) => [...tool.words].filter((word) => known.has(word)).length);
  return tools[shared.indexOf(Math.max(...shared))]?.name ?? '';
}

const BUCKETS = 4096;
const EPOCHS = 20;
const LEARNING_RATE = 0.5;

/** Multinomial logistic regression over hashed words, by stochastic gradient descent. */
function linearOf(learned: readonly Asked[]): Namer {
  const names = [...new Set(learned.map(({ wanted }) => wanted))];
  const weights = names.map(() => new Float64Array(BUCKETS));
  const logits = (features: number[]) =>
    weights.map((row) => features.reduce((sum, at) => sum + (row[at] ?? 0), 0) / Math.sqrt(features.length));
  const examples = learned.map((row) => ({ features: featuresOf(row), wanted: names.indexOf(row.wanted) }));
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const { features, wanted } of examples) {
      const rate = LEARNING_RATE / (1 + epoch) / Math.sqrt(features.length);
      softmax(logits(features)).forEach((share, name) => {
        const step = rate * (Number(name === wanted) - share);
        const row = weights[name] ?? new Float64Array(BUCKETS);
        for (const at of features) row[at] = (row[at] ?? 0) + step;
      });
    }
  }
  return (row) => {
    const given = logits(featuresOf(row));
    return names[given.indexOf(Math.max(...given))] ?? '';
  };
}

/** One more than the words: a bias, so that there is never none. */
const featuresOf = ({ words }: Asked) => [...new Set(['', ...words].map((word) => hash(word) % BUCKETS))];

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}
