import { expect, test } from 'vitest';
import type { SplitConfig } from '../../../src/config/run-config.js';
import { aGateway, JOB } from '../gateway-world.js';

// What the blueprint's server takes for a value, as pydantic 2 does in its lax mode. JSON is written as it is sent.

const SPLIT_KEYS = {
  eval_size: 'evalSize',
  val_ratio: 'valRatio',
  min_total_records: 'minTotalRecords',
  random_seed: 'randomSeed',
  limit: 'limit',
  parse_function_arguments: 'parseFunctionArguments',
  min_reward: 'minReward',
} as const satisfies Record<string, keyof SplitConfig>;

type Key = keyof typeof SPLIT_KEYS;

const COUNTS: Key[] = ['eval_size', 'min_total_records', 'limit'];
const INTEGERS: Key[] = [...COUNTS, 'random_seed'];
const FLOATS: Key[] = ['val_ratio', 'min_reward'];

/** A limit below the minimum of records is refused whatever form it has. */
const bodyWith = (key: Key, json: string): string =>
  `{"workload_id":"checkout","client_id":"shop","data_split_config":{"${key}":${json}` +
  `${key === 'limit' ? ',"min_total_records":1' : ''}}}`;

const WHOLE = 'Input should be a valid integer';
const NUMBER = 'Input should be a valid number';
const FLAG = 'Input should be a valid boolean';
const TOO_LARGE = 'Unable to parse input string as an integer, exceeded maximum size';

/** A row for each key and each JSON. */
const rows = <T extends unknown[]>(keys: Key[], jsons: string[], ...rest: T): [Key, string, ...T][] =>
  keys.flatMap((key) => jsons.map((json): [Key, string, ...T] => [key, json, ...rest]));

const TAKEN: [Key, string, unknown][] = [
  ...rows(INTEGERS, ['60', '"60"', '60.0', '6e1', '" 60 "', '"60.0"', '"+60"', '"6_0"'], 60),
  ...rows(INTEGERS, ['true'], 1),
  ['random_seed', 'false', 0],
  ['random_seed', '"-5"', -5],
  ['random_seed', 'null', null],
  // The blueprint refuses it although its file says that it means no limit.
  ['limit', 'null', null],
  ...rows(FLOATS, ['0.25', '"0.25"', '" 0.25 "', '".25"', '"2.5e-1"', '"0.2_5"'], 0.25),
  ...rows(FLOATS, ['0', 'false'], 0),
  ['min_reward', 'true', 1],
  ['min_reward', 'null', null],
  ...rows(
    ['parse_function_arguments'],
    ['true', '1', '1.0', '"true"', '"TRUE"', '"yes"', '"on"', '"1"', '"t"', '"y"'],
    true,
  ),
  ...rows(
    ['parse_function_arguments'],
    ['false', '0', '0.0', '"false"', '"No"', '"off"', '"0"', '"f"', '"n"'],
    false,
  ),
];

const AT_LEAST_1 = 'Input should be greater than or equal to 1';

const REFUSED: [Key, string, type: string, msg: string, ctx?: object][] = [
  ...rows(INTEGERS, ['20.5'], 'int_from_float', `${WHOLE}, got a number with a fractional part`),
  ...rows(
    INTEGERS,
    ['"x"', '""', '"20.5"', '"1e3"', '"5."', '".5"', '"1__0"', '"0x10"'],
    'int_parsing',
    `${WHOLE}, unable to parse string as an integer`,
  ),
  ...rows(INTEGERS, ['[]', '{}'], 'int_type', WHOLE),
  ...rows(['eval_size', 'min_total_records'], ['null'], 'int_type', WHOLE),
  ...rows(INTEGERS, ['1e300'], 'int_parsing_size', TOO_LARGE),
  ...rows(COUNTS, ['0', '"0"', '-5', 'false'], 'greater_than_equal', AT_LEAST_1, { ge: 1 }),
  ...rows(
    FLOATS,
    ['"x"', '""', '"_"', '"infinit"'],
    'float_parsing',
    `${NUMBER}, unable to parse string as a number`,
  ),
  ...rows(FLOATS, ['[]', '{}'], 'float_type', NUMBER),
  ['val_ratio', 'null', 'float_type', NUMBER],
  ...rows(['val_ratio'], ['1', '"1"', 'true', '1.5'], 'less_than', 'Input should be less than 1', { lt: 1 }),
  ...rows(
    ['val_ratio'],
    ['"inf"', '" +Infinity "', '"NaN"', '"-nan"', '"1e999"'],
    'less_than',
    'Input should be less than 1',
    { lt: 1 },
  ),
  ['val_ratio', '"-inf"', 'greater_than_equal', 'Input should be greater than or equal to 0', { ge: 0 }],
  // The blueprint does not know it.
  ...rows(['min_reward'], ['"inf"', '"nan"', '"1e999"'], 'finite_number', 'Input should be a finite number'),
  ['val_ratio', '-0.1', 'greater_than_equal', 'Input should be greater than or equal to 0', { ge: 0 }],
  ...rows(
    ['parse_function_arguments'],
    ['"x"', '""', '" true "', '2', '-1'],
    'bool_parsing',
    `${FLAG}, unable to interpret input`,
  ),
  ...rows(['parse_function_arguments'], ['null', '[]', '0.5'], 'bool_type', FLAG),
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
      min_total_records: 'x',
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
    ['int_parsing', 'body', 'data_split_config', 'min_total_records'],
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
