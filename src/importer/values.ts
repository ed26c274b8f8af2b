import { isMarkedNumber, parseMarked, withLongNumbers } from '../records/long-numbers.js';

/** A JSON object. */
export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object, or an empty one for anything else. */
export const asFields = (value: unknown): Fields => (isFields(value) ? value : {});

/** The list, or an empty one for anything else. */
export const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && !isMarkedNumber(value);

/** A text as it is, the JSON of anything else. */
export const asText = (value: unknown): string =>
  typeof value === 'string' && !isMarkedNumber(value) ? value : withLongNumbers(value ?? '');

/** The value under the first of the keys that holds one; undefined where none does. */
export const firstOf = (fields: Fields, ...keys: string[]): unknown =>
  keys.map((key) => fields[key]).find((value) => value !== undefined && value !== null);

/** What a text that is a JSON object or list holds; everything else as it is. Exports keep such values as texts. */
export function unpacked(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return parseMarked(value);
  } catch {
    return value;
  }
}

/** Without the keys that have no value. */
export const defined = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
