import { createHash } from 'node:crypto';

/** JSON with sorted keys: equal content gives equal text. */
export function stableJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
  return text ?? 'null';
}

/** First `digits` hex digits of the SHA-256 of the value's stable JSON. */
export const contentHash = (value: unknown, digits: number): string =>
  createHash('sha256').update(stableJson(value)).digest('hex').slice(0, digits);

/** Whether lists and objects are nested in each other more than `levels` times. */
export const isDeeperThan = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(inner, levels - 1)));
