import { hash } from 'node:crypto';

/** JSON with sorted keys: equal content gives equal text. */
export function stableJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if ('toJSON' in value && typeof value.toJSON === 'function') return stableJson(value.toJSON());
  if (Array.isArray(value)) return `[${value.map(stableJson).join()}]`;
  const fields = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${stableJson(inner)}`).join()}}`;
}

/** First `digits` hex digits of the SHA-256 of a text. */
export const textHash = (text: string, digits: number): string => hash('sha256', text).slice(0, digits);

/** First `digits` hex digits of the SHA-256 of the value's stable JSON. */
export const contentHash = (value: unknown, digits: number): string => textHash(stableJson(value), digits);

/** Whether lists and objects are nested in each other more than `levels` times. */
export const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1)));

/** JSON text is parsed at any depth, but written back only so deep as the stack allows. */
export const MAX_LEVELS = 100;
