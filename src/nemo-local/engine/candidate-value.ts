import type { Capacity } from './capacity.js';
import type { Parameter } from './parameter.js';
import { spansOf, UNKNOWN_YEAR, type Span } from './span.js';
import { isJsonObject, type JsonValue, type Turn } from './turn.js';

export interface Occurrence {
  span: Span;
  /** Messages after the one that it stands in. */
  age: number;
}

/** A value that an argument might take, with every place where it stands. */
export interface CandidateValue {
  value: JsonValue;
  occurrences: Occurrence[];
  /** Place among all values of the conversation, in the order of their last mention. */
  order: number;
}

/** All values in reach of the model, read once per conversation. */
export interface Scene {
  turns: readonly Turn[];
  occurrences: Occurrence[];
}

/** Reads the values of the last messages, newest message first. */
export function readScene(turns: readonly Turn[], capacity: Capacity): Scene {
  const year = turns.map(({ text }) => /\b20\d\d\b/.exec(text)?.[0]).find((found) => found !== undefined);
  const occurrences = turns
    .slice(-capacity.argumentMessages)
    .toReversed()
    .flatMap((turn, age) => spansOf(turn).map((span) => ({ span: withYear(span, year), age })));
  return { turns, occurrences };
}

/** Lists the values that fit a parameter's type, the newest first, with the values of its enumeration and those learned for it. */
export function candidatesFor(
  parameter: Parameter,
  scene: Scene,
  learned: readonly JsonValue[],
  limit: number,
): CandidateValue[] {
  const byValue = new Map<string, CandidateValue>();
  const add = (value: JsonValue | undefined, occurrence?: Occurrence): void => {
    if (value === undefined) return;
    const key = JSON.stringify(value);
    const known = byValue.get(key) ?? { value, occurrences: [], order: byValue.size };
    if (known.occurrences.length < 8 && occurrence) known.occurrences.push(occurrence);
    if (byValue.has(key) || byValue.size < limit) byValue.set(key, known);
  };
  for (const value of [...parameter.enumeration, ...learned]) add(value);
  for (const occurrence of scene.occurrences) add(fit(occurrence.span, parameter), occurrence);
  return [...byValue.values()];
}

/** The span's value in the parameter's type; undefined when it has none. */
function fit({ value, key }: Span, parameter: Parameter): JsonValue | undefined {
  if (parameter.enumeration.length > 0) return parameter.enumeration.find((member) => member === value);
  switch (parameter.type) {
    case 'string':
      return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
    case 'number':
    case 'integer':
      return typeof value === 'number' ? value : typeof value === 'string' ? toNumber(value) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'array':
      return Array.isArray(value) && key === parameter.name ? project(value, parameter) : undefined;
    case 'object':
      return isJsonObject(value) && key === parameter.name ? value : undefined;
  }
}

function toNumber(text: string): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Keeps of each item what the parameter's schema asks for. */
function project(items: JsonValue[], { itemKeys }: Parameter): JsonValue[] {
  if (itemKeys.length === 0) return items;
  return items.map((item) =>
    isJsonObject(item) ? Object.fromEntries(itemKeys.flatMap((key) => entryOf(item, key))) : item,
  );
}

function entryOf(item: Record<string, JsonValue>, key: string): [string, JsonValue][] {
  const value = item[key];
  return value === undefined ? [] : [[key, value]];
}

function withYear(span: Span, year: string | undefined): Span {
  if (year === undefined || typeof span.value !== 'string' || !span.value.startsWith(UNKNOWN_YEAR))
    return span;
  return { ...span, value: span.value.replace(UNKNOWN_YEAR, year) };
}
