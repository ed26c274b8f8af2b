/** Numbers below are epoch seconds (until the year 5138), numbers from here on milliseconds (since March 1973). */
export const FIRST_MILLISECONDS = 1e11;
/** Numbers from here on are no time: microseconds, say. */
export const END_MILLISECONDS = 1e14;

const NUMBER = /^\d+(?:\.\d+)?$/;
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * Epoch milliseconds of a log record's time: epoch seconds, epoch milliseconds (numbers or their text) or an
 * ISO 8601 text, UTC where it names no zone; null for everything else.
 */
export function timestampMs(value: unknown): number | null {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return NUMBER.test(text) ? fromNumber(Number(text)) : fromIso(text);
}

function fromNumber(value: number): number | null {
  if (!(value >= 0 && value < END_MILLISECONDS)) return null;
  return Math.round(value < FIRST_MILLISECONDS ? value * 1000 : value);
}

function fromIso(text: string): number | null {
  const [, date, time = '00:00', zone = 'Z'] = ISO.exec(text) ?? [];
  if (date === undefined || !isCalendarDay(date)) return null;
  const ms = Date.parse(`${date}T${time.replace(',', '.')}${fullZone(zone)}`);
  return Number.isNaN(ms) ? null : ms;
}

/** JavaScript reads February 30 as March 1. */
const isCalendarDay = (date: string): boolean => {
  const midnight = new Date(`${date}T00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
};

/** `+02` and `+0200` become `+02:00`, the only form that JavaScript reads. */
function fullZone(zone: string): string {
  if (zone.length === 1) return 'Z';
  return `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
}
