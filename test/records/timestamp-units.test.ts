import { describe, expect, test } from 'vitest';
import { TimestampUnits } from '../../src/records/timestamp-units.js';

const SECONDS = 1_700_000_000;
const ISO = '2023-11-14T22:13:20Z';

function warningsOf(...timestamps: unknown[]): string[] {
  const units = new TimestampUnits();
  for (const timestamp of timestamps) units.add({ timestamp });
  return units.warnings();
}

describe('a workload with times in two units', () => {
  test('is not said to have them, or not how many of each', () => {
    const [warning, ...more] = warningsOf(
      SECONDS,
      String(SECONDS),
      SECONDS + 0.5,
      SECONDS * 1000,
      ISO,
      'soon',
    );
    expect(warning).toMatch(
      /^3 records .* in seconds, 2 in milliseconds or as dates.* January 1970.*\/api\/logs/,
    );
    expect(more).toEqual([]);
  });
});

test.each<[string, unknown[]]>([
  ['seconds', [SECONDS, String(SECONDS), 0]],
  ['milliseconds and dates', [SECONDS * 1000, ISO]],
  ['seconds and what is no time', [SECONDS, null, '', 'soon', Number.NaN, {}]],
])('times that are all %s are warned of', (_what, timestamps) => {
  expect(warningsOf(...timestamps)).toEqual([]);
});

test('a record that is none ends the count', () => {
  const units = new TimestampUnits();
  for (const record of [null, 'text', 7, []]) units.add(record);
  expect(units.warnings()).toEqual([]);
});
