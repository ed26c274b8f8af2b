import fc from 'fast-check';
import { expect, test } from 'vitest';
import { examplesByRelevance } from '../../src/records/relevance.js';

/** `a1 a2 b3`: tool and place of each, nearest first. */
const nearest = (tools: string) => [...tools].map((tool, i) => `${tool}${i + 1}`);
const toolOf = (example: string) => example.slice(0, 1);
const chosen = (tools: string, most: number, ratio: number) =>
  examplesByRelevance(nearest(tools), toolOf, most, ratio).slice(0, most);

// What the blueprint's rule gives for these.
test.each([
  [0.7, 3, 'aaabc', ['a1', 'a2', 'b4']],
  [1, 3, 'aaab', ['a1', 'a2', 'a3']],
  [0.5, 3, 'aab', ['a1', 'a2', 'b3']],
  [0, 2, 'aab', ['a1', 'b3']],
  [0.5, 3, 'aaaa', ['a1', 'a2', 'a3']],
  [0.7, 3, 'ab', ['a1', 'b2']],
  [0.7, 3, '', []],
])('at a ratio of %f, %i of %s are others than the nearest and new tools', (ratio, most, tools, expected) => {
  expect(chosen(tools, most, ratio).sort()).toEqual(expected);
});

test('the tools do not take turns, or what was not chosen comes before what was', () => {
  expect(examplesByRelevance(nearest('aaabc'), toolOf, 3, 0.7)).toEqual(['a1', 'b4', 'a2', 'a3', 'c5']);
});

test('an example is shown twice, one is lost, or the nearest is not among them', () => {
  const tools = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 30 });
  fc.assert(
    fc.property(
      tools,
      fc.integer({ min: 1, max: 16 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (t, most, ratio) => {
        const order = examplesByRelevance(nearest(t), toolOf, most, ratio);
        expect([...order].sort()).toEqual(nearest(t).sort());
        const shown = new Set(order.slice(0, most));
        if (t !== '') expect(shown).toContain(nearest(t)[0]);
        for (const close of nearest(t).slice(0, Math.floor(most * ratio))) expect(shown).toContain(close);
        const tools = new Set([...shown].map(toolOf));
        const places = most - Math.floor(most * ratio);
        expect(tools.size).toBeGreaterThanOrEqual(
          Math.min(new Set(t).size, Math.max(places, t === '' ? 0 : 1)),
        );
      },
    ),
  );
});
