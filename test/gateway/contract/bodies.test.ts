import { expect, test } from 'vitest';
import { aGateway } from '../gateway-world.js';

// A body that is no request at all. The words of the JSON reader's own complaint are ours; all else is FastAPI's.

const JSON_TYPE = 'application/json';
const NO_OBJECT = 'Input should be a valid dictionary or object to extract fields from';

const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
const noObject = (input: unknown) => ({
  type: 'model_attributes_type',
  loc: ['body'],
  msg: NO_OBJECT,
  input,
});
const broken = (place: number) => ({
  type: 'json_invalid',
  loc: ['body', place],
  msg: 'JSON decode error',
  input: {},
  ctx: { error: expect.any(String) },
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
  [JSON_TYPE, 'x', broken(0)],
  [JSON_TYPE, '   ', broken(3)],
  [JSON_TYPE, '{"a":}', broken(5)],
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
