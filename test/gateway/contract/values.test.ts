import { expect, test } from 'vitest';
import type { SplitConfig } from '../../../src/config/run-config.js';
import { aGateway, JOB } from '../gateway-world.js';

// What the blueprint's server takes for a value, as pydantic 2 does in its lax mode. JSON is written as it is sent.

const SPLIT_KEYS = {
  eval_size: 'evalSize',
  val_ratio: 'valRatio',
  random_seed: 'randomSeed',
  limit: 'limit',
  parse_function_arguments: 'parseFunctionArguments',
} as const satisfies Record<string, keyof SplitConfig>;

type Key = keyof typeof SPLIT_KEYS;

const bodyWith = (key: string, json: string): string =>
  `{"workload_id":"checkout","client_id":"shop","data_split_config":{"${key}":${json}}}`;

const WHOLE = 'Input should be a valid integer';
const NUMBER = 'Input should be a valid number';
const FLAG = 'Input should be a valid boolean';
const TOO_LARGE = 'Unable to parse input string as an integer, exceeded maximum size';

const TAKEN: [Key, string, unknown][] = [
  ...['20', '"20"', '20.0', '2e1', '" 20 "', '"20.0"', '"+20"', '"2_0"'].map(
    (json): [Key, string, number] => ['eval_size', json, 20],
  ),
  ['eval_size', 'true', 1],
  ['random_seed', 'false', 0],
  ['random_seed', '"-5"', -5],
  ['random_seed', 'null', null],
  // The blueprint refuses it although its file says that it means no limit.
  ['limit', 'null', null],
  ...['0.25', '"0.25"', '" 0.25 "', '".25"', '"2.5e-1"', '"0.2_5"'].map((json): [Key, string, number] => [
    'val_ratio',
    json,
    0.25,
  ]),
  ['val_ratio', '0', 0],
  ['val_ratio', 'false', 0],
  ...['true', '1', '1.0', '"true"', '"TRUE"', '"yes"', '"on"', '"1"', '"t"', '"y"'].map(
    (json): [Key, string, boolean] => ['parse_function_arguments', json, true],
  ),
  ...['false', '0', '0.0', '"false"', '"No"', '"off"', '"0"', '"f"', '"n"'].map(
    (json): [Key, string, boolean] => ['parse_function_arguments', json, false],
  ),
];

const REFUSED: [Key, string, type: string, msg: string, ctx?: object][] = [
  ['eval_size', '20.5', 'int_from_float', `${WHOLE}, got a number with a fractional part`],
  ...['"x"', '""', '"20.5"', '"1e3"', '"5."', '".5"', '"1__0"', '"0x10"'].map(
    (json): [Key, string, string, string] => [
      'eval_size',
      json,
      'int_parsing',
      `${WHOLE}, unable to parse string as an integer`,
    ],
  ),
  ...['null', '[]', '{}'].map((json): [Key, string, string, string] => [
    'eval_size',
    json,
    'int_type',
    WHOLE,
  ]),
  ['eval_size', '1e300', 'int_parsing_size', TOO_LARGE],
  ...['"x"', '""', '"_"'].map((json): [Key, string, string, string] => [
    'val_ratio',
    json,
    'float_parsing',
    `${NUMBER}, unable to parse string as a number`,
  ]),
  ...['null', '[]', '{}'].map((json): [Key, string, string, string] => [
    'val_ratio',
    json,
    'float_type',
    NUMBER,
  ]),
  ...['1', '"1"', 'true', '1.5'].map((json): [Key, string, string, string, object] => [
    'val_ratio',
    json,
    'less_than',
    'Input should be less than 1',
    { lt: 1 },
  ]),
  ['val_ratio', '-0.1', 'greater_than_equal', 'Input should be greater than or equal to 0', { ge: 0 }],
  ...['"x"', '""', '" true "', '2', '-1'].map((json): [Key, string, string, string] => [
    'parse_function_arguments',
    json,
    'bool_parsing',
    `${FLAG}, unable to interpret input`,
  ]),
  ...['null', '[]', '0.5'].map((json): [Key, string, string, string] => [
    'parse_function_arguments',
    json,
    'bool_type',
    FLAG,
  ]),
];

test('a value that the blueprint takes is refused, or taken for another', async () => {
  const { call, runs } = await aGateway();
  const taken = [];
  for (const [key, json] of TAKEN) {
    const { status, text, body } = await call('POST', '/api/jobs', bodyWith(key, json));
    const split = status === 200 ? (await runs.get(body.id))?.config.split : undefined;
    taken.push([key, json, split ? split[SPLIT_KEYS[key]] : text]);
  }
  expect(taken).toEqual(TAKEN);
});

test('a value that the blueprint refuses is taken, or refused in other words', async () => {
  const { call, runs } = await aGateway();
  for (const [key, json, type, msg, ctx] of REFUSED) {
    const answer = await call('POST', '/api/jobs', bodyWith(key, json));
    const loc = ['body', 'data_split_config', key];
    const detail = { type, loc, msg, input: JSON.parse(json), ...(ctx && { ctx }) };
    expect([key, json, answer.status, answer.text]).toEqual([
      key,
      json,
      422,
      JSON.stringify({ detail: [detail] }),
    ]);
  }
  expect((await runs.list()).runs).toEqual([]);
});

test('a name is taken although it is no text, or an empty one is refused', async () => {
  const { call, runs } = await aGateway();
  for (const json of ['5', 'true', 'null', '[]', '{}']) {
    const answer = await call('POST', '/api/jobs', `{"workload_id":${json},"client_id":"shop"}`);
    const msg = 'Input should be a valid string';
    const detail = [{ type: 'string_type', loc: ['body', 'workload_id'], msg, input: JSON.parse(json) }];
    expect([json, answer.status, answer.body]).toEqual([json, 422, { detail }]);
  }
  const { status, body } = await call('POST', '/api/jobs', { workload_id: '', client_id: '' });
  expect([status, await runs.get(body.id)]).toMatchObject([200, { workloadId: '', clientId: '' }]);
});

test('of several mistakes one is not told, or they are told in another order than that of the fields', async () => {
  const { call } = await aGateway();
  const wrong = {
    data_split_config: {
      parse_function_arguments: 'x',
      limit: 'x',
      val_ratio: 2,
      eval_size: null,
      random_seed: [],
    },
    client_id: null,
  };
  const { status, body } = await call('POST', '/api/jobs', wrong);
  expect(status).toBe(422);
  expect(body.detail.map(({ type, loc }: { type: string; loc: string[] }) => [type, ...loc])).toEqual([
    ['missing', 'body', 'workload_id'],
    ['string_type', 'body', 'client_id'],
    ['int_type', 'body', 'data_split_config', 'eval_size'],
    ['less_than', 'body', 'data_split_config', 'val_ratio'],
    ['int_type', 'body', 'data_split_config', 'random_seed'],
    ['int_parsing', 'body', 'data_split_config', 'limit'],
    ['bool_parsing', 'body', 'data_split_config', 'parse_function_arguments'],
  ]);
});

test('an unknown key is refused, or a split of null is no split', async () => {
  const { call, runs, config } = await aGateway();
  const asked = { ...JOB, extra: { deep: [1] }, data_split_config: { extra: 1 } };
  for (const body of [asked, { ...JOB, data_split_config: null }, JOB]) {
    const answer = await call('POST', '/api/jobs', body);
    expect(answer.status).toBe(200);
    expect((await runs.get(answer.body.id))?.config.split).toEqual(config.run.split);
  }
});
