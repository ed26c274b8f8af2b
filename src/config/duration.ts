import { Fault, lax } from './lax.js';

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)$/;

/** A duration such as `500ms`, `5s`, `10m` or `1h`, in milliseconds. */
export const duration = lax((value) => {
  const [, amount, unit] = DURATION.exec(String(value).trim()) ?? [];
  const unitMs = Object.entries(UNITS_MS).find(([name]) => name === unit)?.[1];
  const ms = Math.round(Number(amount) * (unitMs ?? Number.NaN));
  return ms >= 1 ? ms : new Fault('duration', 'Input should be a duration such as 500ms, 5s, 10m or 1h');
});
