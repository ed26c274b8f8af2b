import { expect, test } from 'vitest';
import { aGateway } from '../gateway-world.js';

// A body that is no request at all.

const JSON_TYPE = 'application/json';
const NO_OBJECT = 'Input should be a valid dictionary or object to extract fields from';

const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
const noObject = (input: unknown) => ({
  type: 'model_attributes_type',
  loc: ['body'],
  msg: NO_OBJECT,
  input,
});
const broken = (place: number, error: string) => ({
  type: 'json_invalid',
  loc: ['body', place],
  msg: 'JSON decode error',
  input: {},
  ctx: { error },
});

test.each<[string, string | undefined, object]>([
  [JSON_TYPE, undefined, missing],
  [JSON_TYPE, '', missing],
  [JSON_TYPE, 'null', missing],
  [JSON_TYPE, '[1]', noObject([1])],
  [JSON_TYPE, '"x"', noObject('x')],
  [JSON_TYPE, '5', noObject(5)],
  [JSON_TYPE, 'true', noObject(true)],
  ['text/plain', '{"a":1}', noObject('{"a":1}')],
  ['application/vnd.api+json', '[]', noObject([])],
  [JSON_TYPE, 'x', broken(0, 'Expecting value')],
  [JSON_TYPE, '   ', broken(3, 'Expecting value')],
  [JSON_TYPE, '{"a":}', broken(5, 'Expecting value')],
  [JSON_TYPE, '{"a": "abc', broken(6, 'Unterminated string starting at')],
  [JSON_TYPE, '{"é😀": "€\\', broken(7, 'Unterminated string starting at')],
  [JSON_TYPE, '{"a": "b\nc"}', broken(8, 'Invalid control character at')],
  [JSON_TYPE, '{"a": "\\x"}', broken(7, 'Invalid \\escape')],
  [JSON_TYPE, '{"a": "\\u12"}', broken(8, 'Invalid \\uXXXX escape')],
  [JSON_TYPE, '{"a": "\\u1234', broken(8, 'Invalid \\uXXXX escape')],
  [JSON_TYPE, '{"a": tru}', broken(6, 'Expecting value')],
  [JSON_TYPE, '{"a": NaN}', broken(6, 'Expecting value')],
  [JSON_TYPE, '{"a": -}', broken(6, 'Expecting value')],
  [JSON_TYPE, '{"a": 1.}', broken(7, "Expecting ',' delimiter")],
  [JSON_TYPE, '{"a": 01}', broken(7, "Expecting ',' delimiter")],
  [JSON_TYPE, '{"a": 1e}', broken(7, "Expecting ',' delimiter")],
  [JSON_TYPE, '[1 2]', broken(3, "Expecting ',' delimiter")],
  [JSON_TYPE, '[1,]', broken(3, 'Expecting value')],
  [JSON_TYPE, '[1', broken(2, "Expecting ',' delimiter")],
  [JSON_TYPE, '{"a" 1}', broken(5, "Expecting ':' delimiter")],
  [JSON_TYPE, '{"a": 1,}', broken(8, 'Expecting property name enclosed in double quotes')],
  [JSON_TYPE, '{', broken(1, 'Expecting property name enclosed in double quotes')],
  [JSON_TYPE, ' {"a": [[], {}]} x', broken(17, 'Extra data')],
])('a body of %s, %j, is answered in other words', async (type, body, detail) => {
  const answer = await (await aGateway()).call('POST', '/api/jobs', body, { 'content-type': type });
  expect([answer.status, answer.body]).toEqual([422, { detail: [detail] }]);
  expect(Object.keys(answer.body.detail[0])).toEqual(Object.keys(detail));
});

test('what is missing in an object is not shown by the object', async () => {
  const { call } = await aGateway();
  const field = (name: string, input: unknown) => ({
    ...missing,
    loc: ['body', name],
    input,
  });
  const empty = await call('POST', '/api/jobs', {});
  expect(empty.text).toBe(JSON.stringify({ detail: [field('workload_id', {}), field('client_id', {})] }));
  const half = { workload_id: 'a', extra: 1 };
  const answer = await call('POST', '/api/jobs', half);
  expect(answer.text).toBe(JSON.stringify({ detail: [field('client_id', half)] }));
});
