import { Fault, lax } from './lax.js';

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** What a JSON schema calls such a text; its `default` is in milliseconds. */
export const DURATION_FORMAT = 'flywheel-duration';

/** The longest unit in which it is a whole number: 300000 is `5m`. */
export function durationText(ms: number): string {
  const units = Object.entries(UNITS_MS).reverse();
  const [unit, size] = units.find(([, size]) => ms % size === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

/** A duration such as `500ms`, `5s`, `10m` or `1h`, in milliseconds. */
const durationUpTo = (maxHours: number) =>
  lax(
    (value) => {
      const [, amount, unit] = DURATION.exec(String(value).trim()) ?? [];
      const unitMs = Object.entries(UNITS_MS).find(([name]) => name === unit)?.[1];
      const ms = Math.round(Number(amount) * (unitMs ?? Number.NaN));
      if (!(ms >= 1)) return new Fault('duration', 'Input should be a duration such as 500ms, 5s, 10m or 1h');
      if (ms <= maxHours * UNITS_MS.h) return ms;
      return new Fault('duration', `Input should be a duration of at most ${maxHours}h`);
    },
    { type: 'string', format: DURATION_FORMAT },
  );

/** More than a year is a mistake, and more than a computer's clock can be asked to wait for. */
export const duration = durationUpTo(365 * 24);

/** How long something is kept; of at most a hundred years. */
export const age = durationUpTo(100 * 365 * 24);

/** A pause between two looks; Node's timers end at 24 days, and would not wait at all for more. */
export const pause = durationUpTo(24);
