import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timestampMs } from '../../src/records/timestamp.js';

/** March 1973 to November 5138: where seconds and milliseconds cannot be confused. */
const instant = fc.integer({ min: 1e11, max: 1e14 - 1 });

test('an instant is another one in milliseconds, seconds, as text or in ISO 8601', () => {
  fc.assert(
    fc.property(instant, (ms) => {
      const iso = new Date(ms).toISOString();
      for (const form of [ms, ms / 1000, String(ms), String(ms / 1000), iso, iso.slice(0, -1)]) {
        expect(timestampMs(form)).toBe(ms);
      }
    }),
  );
});

test('a time that was read once reads otherwise again', () => {
  fc.assert(
    fc.property(instant, (ms) => {
      expect(timestampMs(timestampMs(ms))).toBe(ms);
    }),
  );
});

test('some value makes it throw, or it reads no whole number of milliseconds', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const ms = timestampMs(value);
      expect(ms === null || Number.isInteger(ms)).toBe(true);
    }),
  );
});

test.each([
  ['2024-05-15T15:00:00Z', '2024-05-15T15:00:00.000Z'],
  ['2024-05-15T15:00:00.123456', '2024-05-15T15:00:00.123Z'],
  ['2024-05-15 15:00:00+00:00', '2024-05-15T15:00:00.000Z'],
  ['2024-05-15T15:00:00+0200', '2024-05-15T13:00:00.000Z'],
  ['2024-05-15T15:00-05', '2024-05-15T20:00:00.000Z'],
  ['2024-05-15', '2024-05-15T00:00:00.000Z'],
  [' 1715788809 ', '2024-05-15T16:00:09.000Z'],
])('%s is not understood', (text, iso) => {
  expect(timestampMs(text)).toBe(Date.parse(iso));
});

test.each([
  null,
  undefined,
  true,
  '',
  'yesterday',
  '2024-02-30',
  '2024-13-01',
  '12:30',
  -5,
  NaN,
  Infinity,
  1e15,
  {},
  [],
])('%s is taken for a time', (value) => {
  expect(timestampMs(value)).toBeNull();
});
