import { stableJson } from '../../src/records/json.js';
import type { TrainingRow, WireMessage } from '../../src/records/rows.js';
import type { ReadBack } from './built.js';

/** A system message that says nothing but the time: the request is the same at another. */
export const clock = (at: number) => ({ role: 'system', content: `It is ${at} o'clock.` });
const CLOCK = /^It is \d+ o'clock\.$/;

const textOf = (content: unknown): unknown => {
  if (!Array.isArray(content)) return content ?? '';
  const parts = content as { text?: unknown }[];
  return parts.every(({ text }) => typeof text === 'string') ? parts.map(({ text }) => text).join('') : parts;
};

/** What a message says, in whatever form it is written. */
const saidIn = ({ role, content, tool_calls = [] }: WireMessage): string =>
  stableJson([
    role,
    textOf(content),
    tool_calls.map(({ function: { name, arguments: args } }) => [
      name,
      typeof args === 'string' ? (JSON.parse(args || '{}') as unknown) : args,
    ]),
  ]);

/** What is asked by these messages. */
export const askedBy = (messages: readonly WireMessage[]): string =>
  messages
    .filter(({ role, content }) => role !== 'system' || !CLOCK.test(String(content)))
    .map(saidIn)
    .join('\n');

/** What is asked of the model wherever it answers in a row: at its end, and before that in what was said. */
export const allAskedIn = ({ messages }: TrainingRow): string[] =>
  messages.flatMap(({ role }, i) => (role === 'assistant' ? [askedBy(messages.slice(0, i))] : []));

export const learnedOf = ({ training, validation }: ReadBack): TrainingRow[] => [...training, ...validation];

/** Requests that are evaluated and stand in what is trained or validated on, at the end or in the history. */
export function leakedRequests(files: ReadBack): string[] {
  const learned = new Set(learnedOf(files).flatMap(allAskedIn));
  return files.evaluation
    .map(({ request }) => askedBy(request.messages))
    .filter((asked) => learned.has(asked));
}
