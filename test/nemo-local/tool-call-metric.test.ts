import { expect, test } from 'vitest';
import { scoreToolCalls } from '../../src/nemo-local/tool-call-metric.js';

const call = (name: string, args: unknown) => ({
  id: 'c',
  type: 'function',
  function: { name, arguments: args },
});
const score = (expected: unknown, answered: unknown[]) => {
  const scores = scoreToolCalls(JSON.stringify(expected), answered);
  return [scores.function_name_accuracy, scores.function_name_and_args_accuracy];
};

test.each([
  ['equal calls', [call('f', { a: 1, b: 'x' })], [call('f', '{"b":"x","a":1}')], [1, 1]],
  ['expected arguments that are text', [call('f', '{"a": 1}')], [call('f', '{"a": 1}')], [1, 0]],
  ['no arguments where none are expected', [call('f', {})], [call('f', null)], [1, 1]],
  ['another value', [call('f', { a: 1 })], [call('f', '{"a":"1"}')], [1, 0]],
  ['another case', [call('f', { a: 'x' })], [call('F', '{"a":"x"}')], [0, 0]],
  ['arguments that are no JSON', [call('f', { a: 1 })], [call('f', '{"a":')], [1, null]],
  ['another function', [call('f', {})], [call('g', '{}')], [0, 0]],
  [
    'parallel calls in another order',
    [call('f', { a: 1 }), call('g', {})],
    [call('g', '{}'), call('f', '{"a":1}')],
    [1, 1],
  ],
  [
    'swapped arguments',
    [call('f', { a: 1 }), call('g', { a: 2 })],
    [call('f', '{"a":2}'), call('g', '{"a":1}')],
    [1, 0],
  ],
  ['a call too many of the same function', [call('f', {})], [call('f', '{}'), call('f', '{}')], [1, 1]],
  ['a call too many of another function', [call('f', {})], [call('f', '{}'), call('g', '{}')], [0, 0]],
  ['a missing call', [call('f', {})], [], [0, 0]],
  ['a call where none was made', [], [call('f', '{}')], [0, 0]],
  ['no call, rightly', [], [], [1, 1]],
  ['something that is no call', [call('f', {})], [{ nonsense: true }], [0, 0]],
])('%s are not scored as the platform scores them', (_what, expected, answered, scores) => {
  expect(score(expected, answered)).toEqual(scores);
});

test.each([['f()'], [null], [[{ function: { name: 'f' } }]]])(
  'a ground truth that is no list of calls (%j) scores instead of being an error',
  (expected) => {
    expect(() => score(expected, [])).toThrow('did not render to a list of tool calls');
  },
);
