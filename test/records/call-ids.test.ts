import { expect, test } from 'vitest';
import { callLinker } from '../../src/records/call-ids.js';
import { said } from '../support/log-records.js';

type Ids = (string | null)[];

const call = (id: string | null) => ({ ...(id !== null && { id }), function: { name: 'look_up' } });
const calling = (...ids: Ids) => ({ ...said('assistant', null), tool_calls: ids.map(call) });
const result = (id: string | null) => ({
  ...said('tool', 'found'),
  ...(id !== null && { tool_call_id: id }),
});

/** The ids of calls and those that results answer to, message by message. */
const idsIn = (messages: readonly unknown[]): Ids[] =>
  (messages as { tool_calls?: { id?: string }[]; tool_call_id?: string }[]).map(
    ({ tool_calls: calls, tool_call_id: id }) => (calls ? calls.map((one) => one.id ?? null) : [id ?? null]),
  );

test.each<[string, Ids, Ids, Ids, Ids]>([
  ['calls have no ids', [null, null], ['x', 'y'], ['x', 'y'], ['x', 'y']],
  [
    'neither calls nor results have any',
    [null, null],
    [null, null],
    ['call_1_0', 'call_1_1'],
    ['call_1_0', 'call_1_1'],
  ],
  ['results have none', ['x', 'y'], [null, null], ['x', 'y'], ['x', 'y']],
  ['one call has none', ['y', null], ['x', 'y'], ['y', 'x'], ['x', 'y']],
  ['a result is missing', [null, null], ['x'], ['x', null], ['x']],
  ['all have one', ['x', 'y'], ['y', 'x'], ['x', 'y'], ['y', 'x']],
  ['ids match nothing', ['x'], ['y'], ['x'], ['y']],
])('calls and results are not linked where %s', (_where, calls, results, linkedCalls, linkedResults) => {
  const messages = [
    said('user', 'Where?'),
    calling(...calls),
    ...results.map(result),
    said('user', 'And now?'),
  ];
  const before = structuredClone(messages);
  const linked = callLinker()(messages);
  expect(idsIn(linked)).toEqual([[null], linkedCalls, ...linkedResults.map((id) => [id]), [null]]);
  expect(messages).toEqual(before);
});

test('what a conversation repeats is made anew with each record', () => {
  const link = callLinker();
  const messages = [said('user', 'Where?'), calling(null), result(null)];
  const [first, again] = [link(messages), link([...messages, said('user', 'And now?')])];
  expect(again.slice(0, 3).every((message, i) => message === first[i])).toBe(true);
  const whole = [calling('x'), result('x')];
  expect(link(whole)).toBe(whole);
});

test('the same call is not told apart where different results follow', () => {
  const link = callLinker();
  const shared = calling(null);
  const ids = ['x', 'y', 'x'].map((id) => idsIn(link([shared, result(id)]))[0]);
  expect(ids).toEqual([['x'], ['y'], ['x']]);
});
