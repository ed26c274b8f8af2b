import type { Fields } from '../records/canonical-message.js';
import { fieldsOf } from './fields.js';

/** A tool call of a streamed message, so far. */
export interface StreamedCall {
  /** null: the server counts none. */
  index: number | null;
  call: Fields;
}

/** Adds a piece of a call to the call that it is of: by its index, else by its id, else the last one. */
export function addCall(calls: StreamedCall[], delta: Fields): void {
  const { index, function: called, ...rest } = delta;
  const known = find(calls, typeof index === 'number' ? index : null, rest['id']);
  const streamed = known ?? { index: typeof index === 'number' ? index : null, call: {} };
  if (!known) calls.push(streamed);
  // Some servers repeat what came with the first piece, as it was or as nothing.
  for (const [key, value] of Object.entries(rest)) streamed.call[key] = value || streamed.call[key];
  if (called !== undefined)
    streamed.call['function'] = withCalled(fieldsOf(streamed.call['function']), fieldsOf(called));
}

function find(calls: StreamedCall[], index: number | null, id: unknown): StreamedCall | undefined {
  if (index !== null) return calls.find((call) => call.index === index);
  if (typeof id === 'string' && id !== '') return calls.find(({ call }) => call['id'] === id);
  return calls.at(-1);
}

/** The first piece of a later call may come first. */
export const inOrder = (calls: StreamedCall[]): Fields[] =>
  calls.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)).map(({ call }) => call);

/** The name comes once, the arguments in pieces. */
export function withCalled(before: Fields, delta: Fields): Fields {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const called = { ...before, ...delta, arguments: text(before['arguments']) + text(delta['arguments']) };
  const name = delta['name'] || before['name'];
  return name === undefined ? called : { ...called, name };
}
