import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFault } from '../../src/gateway/json-fault.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const PARTS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  'u00',
  '\\"',
  '-',
  '.',
  'e+',
  '0',
  '12',
  'null',
  'a',
  ' ',
  '\n',
];

/** A value as JSON with something cut out of it, and something else in its place. */
const almostJson = fc
  .record({
    value: fc.jsonValue({ stringUnit: 'binary' }),
    space: fc.constantFrom('', ' ', '\t'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat({ max: 3 }),
    added: fc.array(fc.constantFrom(...PARTS), { maxLength: 3 }),
  })
  .map(({ value, space, at, cut, added }) => {
    const text = JSON.stringify(value, null, space);
    const from = Math.floor(at * text.length);
    return text.slice(0, from) + added.join('') + text.slice(from + cut);
  });

test('a fault is found in what is JSON, or none in what is not', () => {
  const seen = { whole: 0, broken: 0 };
  fc.assert(
    fc.property(
      fc.oneof(
        almostJson,
        fc.array(fc.constantFrom(...PARTS)).map((all) => all.join('')),
      ),
      (text) => {
        const { message, offset } = jsonFault(text);
        const isWhole = message === 'Extra data' && offset === text.length;
        expect(isWhole, text).toBe(isJson(text));
        expect(offset).toBeLessThanOrEqual(text.length);
        seen[isWhole ? 'whole' : 'broken'] += 1;
      },
    ),
    { numRuns: 5_000 },
  );
  expect(Math.min(seen.whole, seen.broken)).toBeGreaterThan(200);
});

test('what is nested deeply, or long, is too much', () => {
  const deep = '[{"a":'.repeat(1_000_000);
  expect(jsonFault(deep)).toMatchObject({ message: 'Expecting value', offset: deep.length });
  const long = `["${'a'.repeat(10_000_000)}", ${'1'.repeat(10_000_000)}${' '.repeat(10_000_000)}x]`;
  expect(jsonFault(long)).toMatchObject({ message: "Expecting ',' delimiter", offset: long.length - 2 });
});
