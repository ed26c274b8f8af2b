import { expect, test } from 'vitest';
import { scoreToolCalls } from '../../src/nemo-local/tool-call-metric.js';

const metric = {
  type: 'tool-calling' as const,
  params: { tool_calls_ground_truth: '{{ item.response.choices[0].message.tool_calls | tojson }}' },
};
const call = (name: string, args: unknown) => ({
  id: Math.random(),
  type: 'function',
  function: { name, arguments: args },
});
const score = (expected: unknown, answered: unknown[]) => {
  const scores = scoreToolCalls(
    metric,
    { item: { response: { choices: [{ message: { tool_calls: expected } }] } } },
    answered,
  );
  return [scores.function_name_accuracy, scores.function_name_and_args_accuracy];
};

test.each([
  ['equal calls', [call('f', { a: 1, b: 'x' })], [call('f', '{"b":"x","a":1}')], [1, 1]],
  ['arguments logged as text', [call('f', '{"a": 1}')], [call('f', '{"a":1}')], [1, 1]],
  ['no arguments at all', [call('f', undefined)], [call('f', '{}')], [1, 1]],
  ['another value', [call('f', { a: 1 })], [call('f', '{"a":"1"}')], [1, 0]],
  ['arguments that are no JSON', [call('f', { a: 1 })], [call('f', '{"a":')], [1, 0]],
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
  ['one call too many', [call('f', {})], [call('f', '{}'), call('f', '{}')], [0, 0]],
  ['a missing call', [call('f', {})], [], [0, 0]],
  ['a call where none was made', null, [call('f', '{}')], [0, 0]],
  ['no call, rightly', null, [], [1, 1]],
  ['something that is no call', [call('f', {})], [{ nonsense: true }], [0, 0]],
])('%s score as they should', (_what, expected, answered, scores) => {
  expect(score(expected, answered)).toEqual(scores);
});

test('a ground truth that is no list of calls is an error, not a zero', () => {
  expect(() => score('f()', [])).toThrow('did not render to a list of tool calls');
});
