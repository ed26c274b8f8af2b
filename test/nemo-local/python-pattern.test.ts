import { expect, test } from 'vitest';
import { groupsOf, pythonPattern } from '../../src/nemo-local/python-pattern.js';

test.each([
  ['RATING:\\s*(\\d+)', 'RATING: 7', '7'],
  ['(?i)rating:\\s*(\\d+)', 'RATING: 7', '7'],
  ['(?P<score>\\d+)', 'so 7', '7'],
  ['(?P<a>[ab])(?P=a)', 'ab, bb', 'b'],
  ['\\A(\\d+)\\Z', '7', '7'],
  ['(?m)\\A(\\d+)\\Z', '7\n8', undefined],
  ['(?ms)^(\\d.\\d)$', 'x\n7\n8', '7\n8'],
  ['(\\\\A)', 'C:\\A', '\\A'],
])('%s reads %j as Python does', (pattern, text, group) => {
  expect(pythonPattern(pattern).exec(text)?.[1]).toBe(group);
});

test('groups are counted, and what is no pattern is refused', () => {
  expect(['a', '(?:a)', '(a)', '(?P<x>a)|(b)'].map((source) => groupsOf(pythonPattern(source)))).toEqual([
    0, 0, 1, 2,
  ]);
  expect(() => pythonPattern('(')).toThrow(SyntaxError);
});
