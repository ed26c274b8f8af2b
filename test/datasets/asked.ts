import { aRecord, called, said } from '../support/log-records.js';
import { build, type BuildChange, type ReadBack, textsOf } from './built.js';

export type Fields = Record<string, unknown>;

export const toolNamed = (name: string, properties: Fields = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties } },
});
export const TOOLS = ['look_up', 'cancel', 'rare'].map((name) => toolNamed(name));

/** The n-th question, answered by a call of that tool, or in words. */
export function asked(n: number, tool: string | null, change: Fields = {}): Fields {
  const message = tool === null ? said('assistant', `answer ${n}`) : called(tool, { n });
  return aRecord({
    timestamp: 1_700_000_000 + n,
    request: { messages: [said('user', `question ${n}`)], tools: TOOLS },
    response: { choices: [{ message }] },
    ...change,
  });
}

export const many = (count: number, toolOf: (n: number) => string | null = () => null): Fields[] =>
  Array.from({ length: count }, (_, n) => asked(n, toolOf(n)));

export const buildOf = (records: readonly unknown[], change: BuildChange = {}): Promise<ReadBack> =>
  build(textsOf(records), change);

/** The questions of all rows, wherever they are. */
export const questionsOf = ({ evaluation, training, validation }: ReadBack): string[] =>
  [...evaluation.map(({ request }) => request), ...training, ...validation]
    .map(({ messages }) => String(messages.find(({ role }) => role === 'user')?.content))
    .sort();

export const reasonsOf = ({ built }: ReadBack): string[] =>
  built.funnel.rejected.map(({ reason, count }) => `${count} × ${reason.split(':')[0]}`);

/** A call as loggers write it that leave out what is not said. */
export function bareCall(name: string, args: unknown): Fields {
  const message: Fields = called(name, args);
  delete message['content'];
  return message;
}
