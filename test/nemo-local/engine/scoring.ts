import { shuffled } from '../../../src/nemo-local/engine/hash.js';
import { seededRandom } from '../../../src/seeded-random.js';
import {
  ANSWER_CALLS_START,
  ANSWER_START,
  EXAMPLE_START,
  HISTORY_CALLS_START,
} from '../../../src/nemo-local/engine/in-context.js';
import { createEngine } from '../../../src/nemo-local/engine/index.js';
import { rateText } from '../../../src/nemo-local/engine/judge.js';
import { readCall, readText, readTurns, type Turn } from '../../../src/nemo-local/engine/turn.js';
import type {
  Adapter,
  Hyperparameters,
  TrainingRow,
  TrainingStep,
} from '../../../src/nemo-local/engine/types.js';

export const engine = createEngine();

export const USUAL: Hyperparameters = {
  epochs: 2,
  batchSize: 16,
  learningRate: 1e-4,
  adapterDim: 32,
  adapterDropout: 0.01,
  seed: 1,
};

export interface Conversation {
  rows: TrainingRow[];
}

export interface Split {
  training: TrainingRow[];
  evaluation: TrainingRow[];
}

/** Splits by conversation, so that no prefix of an evaluated conversation is trained on. */
export function splitConversations(
  conversations: readonly Conversation[],
  share: number,
  seed: number,
): Split {
  const mixed = shuffled(conversations, seededRandom(seed));
  const cut = Math.round(mixed.length * share);
  return {
    evaluation: mixed.slice(0, cut).flatMap(({ rows }) => rows),
    training: mixed.slice(cut).flatMap(({ rows }) => rows),
  };
}

export async function customize(
  model: string,
  rows: TrainingRow[],
  changes: Partial<Hyperparameters> = {},
  validation: TrainingRow[] = [],
): Promise<{ adapter: Adapter; steps: TrainingStep[] }> {
  const steps: TrainingStep[] = [];
  const onStep = (step: TrainingStep): Promise<void> => Promise.resolve(void steps.push(step));
  const hyperparameters = { ...USUAL, ...changes };
  const adapter = await engine.train({
    base: engine.baseModel(model),
    rows,
    validation,
    hyperparameters,
    onStep,
  });
  return { adapter, steps };
}

/** Gives every row the answer of another one. */
export function shuffleAnswers(rows: readonly TrainingRow[], seed: number): TrainingRow[] {
  const answers = shuffled(
    rows.map(({ messages }) => messages.slice(-1)),
    seededRandom(seed),
  );
  return rows.map((row, i) => ({ ...row, messages: [...row.messages.slice(0, -1), ...(answers[i] ?? [])] }));
}

export interface Score {
  /** Of the rows with a call: the right function; and the right arguments too. */
  name: number;
  call: number;
  /** Of the plain rows: answered in words; and the mean rating (1 to 10). */
  plain: number;
  rating: number;
  /** Of all rows: the right function and arguments, or words where words were right. */
  agreement: number;
}

export const SCORES = ['name', 'call', 'plain', 'rating', 'agreement'] as const;

/** Lets a model answer every row and compares with the row's own answer. */
export function score(
  model: string,
  rows: readonly TrainingRow[],
  adapter: Adapter | null,
  examples: readonly TrainingRow[] = [],
): Score {
  const totals = { calls: 0, name: 0, call: 0, plains: 0, plain: 0, rating: 0 };
  for (const row of rows) {
    const expected = row.messages.at(-1);
    const messages = withExamples(row.messages.slice(0, -1), examples);
    const request = { model, messages, tools: row.tools ?? [] };
    const answer = engine.answer(request, engine.baseModel(model), adapter);
    const wanted = Array.isArray(expected?.tool_calls) ? readCall(expected.tool_calls[0]) : null;
    const given = readCall(answer.toolCalls[0]);
    if (wanted) {
      totals.calls++;
      if (given?.name === wanted.name) totals.name++;
      if (given?.name === wanted.name && sorted(given.arguments) === sorted(wanted.arguments)) totals.call++;
    } else {
      totals.plains++;
      if (!given) totals.plain++;
      totals.rating += rateText(readText(expected?.content), answer.content ?? '').rating;
    }
  }
  const { calls, plains } = totals;
  return {
    name: totals.name / calls,
    call: totals.call / calls,
    plain: totals.plain / plains,
    rating: totals.rating / plains,
    agreement: (totals.call + totals.plain) / rows.length,
  };
}

function withExamples(
  messages: TrainingRow['messages'],
  examples: readonly TrainingRow[],
): TrainingRow['messages'] {
  if (examples.length === 0) return messages;
  const [first, ...rest] = messages;
  const system = first?.role === 'system' ? readText(first.content) : '';
  const content = `${system}\n\nHere is how such conversations went.\n\n${examples.map(render).join('\n\n')}`;
  return [{ role: 'system', content }, ...(first?.role === 'system' ? rest : messages)];
}

export function render({ messages }: TrainingRow): string {
  const turns = readTurns(messages);
  const answer = turns.at(-1);
  const history = turns.slice(0, -1).filter(({ role }) => role !== 'system');
  const calls = answer?.calls.length ? [ANSWER_CALLS_START, JSON.stringify(answer.calls, null, 2)] : [];
  return [
    `${EXAMPLE_START}, in one conversation the messages were:`,
    ...history.map(renderTurn),
    ANSWER_START,
    ...(answer?.text ? [`assistant: ${answer.text}`] : []),
    ...calls,
  ].join('\n');
}

function renderTurn({ role, text, calls }: Turn): string {
  const shown = calls.length > 0 ? `\n${HISTORY_CALLS_START} ${JSON.stringify(calls)}` : '';
  return `${role}: ${text}${shown}`;
}

function sorted(value: object): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
