import { asFields, callsOf, type Fields } from './canonical-message.js';
import { memoised } from './memoised.js';

/** Roles of messages that bring what a tool said; `function` is OpenAI's former one. */
const RESULTS = new Set<unknown>(['tool', 'function']);

/**
 * Makes what links tool calls with what the tools said: some loggers leave out the ids of calls, and OpenAI's former
 * functions had none. A call without an id gets, in their order, the one that a tool message right after it answers to;
 * where neither has one, both get one by their place. What is changed is made anew, once for all records that share it.
 */
export function callLinker(): (messages: readonly unknown[]) => readonly unknown[] {
  const variantsOf = memoised((_: Fields) => new Map<string, Fields>());

  function changed(message: Fields, key: string, change: () => Fields): Fields {
    const variants = variantsOf(message);
    const variant = variants.get(key) ?? { ...message, ...change() };
    variants.set(key, variant);
    return variant;
  }

  function link(messages: unknown[], at: number, calls: readonly Fields[], results: readonly Fields[]): void {
    const pairs = pairsOf(calls, results);
    const ids = pairs.map(
      ({ call, result }, i) => idOf(call) ?? answeredId(result) ?? (result ? `call_${at}_${i}` : null),
    );
    const message = asFields(messages[at]);
    if (message && !calls.every(hasId))
      messages[at] = changed(message, JSON.stringify(ids), () => ({ tool_calls: withIds(calls, ids) }));
    for (const [i, { result }] of pairs.entries()) {
      const id = ids[i] ?? null;
      if (result === null || id === null || answeredId(result) !== null) continue;
      messages[at + 1 + results.indexOf(result)] = changed(result, id, () => ({ tool_call_id: id }));
    }
  }

  return (messages) => {
    let linked: unknown[] | null = null;
    for (const [at, message] of messages.entries()) {
      const calls = callsIn(message);
      if (calls.length === 0) continue;
      const results = resultsAfter(messages, at);
      if (calls.every(hasId) && results.every((result) => answeredId(result) !== null)) continue;
      linked ??= [...messages];
      link(linked, at, calls, results);
    }
    return linked ?? messages;
  };
}

const textIn = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** None where one of them is no object: the reader of messages says so. */
function callsIn(message: unknown): Fields[] {
  const fields = asFields(message);
  const calls: unknown = fields && callsOf(fields);
  if (!Array.isArray(calls)) return [];
  const found = calls.map(asFields).filter((call) => call !== null);
  return found.length === calls.length ? found : [];
}

const idOf = (call: Fields): string | null => textIn(call['id']);
const hasId = (call: Fields): boolean => idOf(call) !== null;
const answeredId = (result: Fields | null): string | null => textIn(result?.['tool_call_id']);

/** The messages right after one that bring what tools said. */
function resultsAfter(messages: readonly unknown[], at: number): Fields[] {
  const results: Fields[] = [];
  for (let next = at + 1; next < messages.length; next++) {
    const fields = asFields(messages[next]);
    if (!fields || !RESULTS.has(fields['role'])) break;
    results.push(fields);
  }
  return results;
}

/** Each call with its result: the one that names it, else the next that names none of the calls; null where all are taken. */
function pairsOf(
  calls: readonly Fields[],
  results: readonly Fields[],
): { call: Fields; result: Fields | null }[] {
  const named = new Map(results.map((result) => [answeredId(result), result]));
  const own = new Set(calls.map(idOf));
  const free = results.filter((result) => answeredId(result) === null || !own.has(answeredId(result)));
  return calls.map((call) => {
    const result = hasId(call) ? named.get(idOf(call)) : undefined;
    return { call, result: result ?? free.shift() ?? null };
  });
}

const withIds = (calls: readonly Fields[], ids: readonly (string | null)[]): Fields[] =>
  calls.map((call, i) => ({ ...call, ...(ids[i] && { id: ids[i] }) }));
