import { describe, expect, test } from 'vitest';
import { digestOf, loadConfig } from '../../src/config/index.js';
import { inspect, load, problemsOf, sourceOf } from './config-file.js';

const KEY = 'f0e1d2c3b4a5968778695a4b3c2d1e0f';
const KEYS = { api_keys: [{ key_env: 'TEAM_A_KEY', clients: ['a', 'b'] }, { key_env: 'OPS_KEY' }] };
const ENV = { TEAM_A_KEY: KEY, OPS_KEY: `${KEY}-ops` };

test('a key of the API is not known by its clients, or is kept itself', () => {
  const config = load(KEYS, ENV);
  expect(config.apiKeys).toEqual([
    { name: 'TEAM_A_KEY', digest: digestOf(KEY), clients: ['a', 'b'] },
    { name: 'OPS_KEY', digest: digestOf(`${KEY}-ops`), clients: null },
  ]);
  expect(JSON.stringify(config)).not.toContain(KEY);
  expect(load({ api_keys: [{ key_env: 'OPS_KEY', clients: '*' }] }, ENV).apiKeys[0]?.clients).toBeNull();
});

test('a file without keys of the API cannot be used', () => {
  expect(load({}).apiKeys).toEqual([]);
  expect(load({ api_keys: null }).apiKeys).toEqual([]);
});

describe('a mistake in a key of the API', () => {
  test.each<[string, unknown, NodeJS.ProcessEnv, RegExp]>([
    [
      'no such variable',
      KEYS.api_keys,
      { OPS_KEY: KEY },
      /api_keys\[0\]\.key_env: TEAM_A_KEY is not set: put/,
    ],
    [
      'an empty variable',
      KEYS.api_keys,
      { ...ENV, OPS_KEY: '' },
      /api_keys\[1\]\.key_env: OPS_KEY is not set/,
    ],
    [
      'a key that can be guessed',
      KEYS.api_keys,
      { ...ENV, OPS_KEY: 'hunter2' },
      /OPS_KEY is too short: take/,
    ],
    [
      'a new line at its end',
      KEYS.api_keys,
      { ...ENV, OPS_KEY: `${KEY}-ops\n` },
      /api_keys\[1\]\.key_env: the key in OPS_KEY has a blank, a new line or/,
    ],
    [
      'a letter no header takes',
      KEYS.api_keys,
      { ...ENV, OPS_KEY: `${KEY}-é` },
      /the key in OPS_KEY has a blank/,
    ],
    [
      'one key twice',
      KEYS.api_keys,
      { ...ENV, OPS_KEY: KEY },
      /OPS_KEY holds the key of api_keys\[0\]: name it once/,
    ],
    ['no client', [{ key_env: 'OPS_KEY', clients: [] }], ENV, /api_keys\[0\]\.clients: .*list of client_ids/],
    ['a client that is no name', [{ key_env: 'OPS_KEY', clients: [7] }], ENV, /clients: .*'\*' for all/],
    ['no variable', [{ clients: ['a'] }], ENV, /api_keys\[0\]\.key_env: Field required/],
    ['a key in the file', KEY, {}, /api_keys: Input should be a list of keys, such as \{key_env/],
  ])('(%s) is not told by name', (_what, api_keys, env, problem) => {
    const said = problemsOf({ api_keys }, env);
    expect(said).toMatch(problem);
    expect(said).not.toMatch(/hunter2|f0e1d2c3/);
  });
});

test('a worker needs the keys of the API', () => {
  const source = { ...sourceOf(KEYS, {}), servesNoApi: true };
  expect(loadConfig(source).apiKeys).toEqual([]);
});

test('`config check` shows a key, or not where it comes from', () => {
  const { values } = inspect(KEYS, ENV);
  expect(JSON.stringify(values)).not.toContain(KEY);
  expect(values).toEqual(
    expect.arrayContaining([
      { key: 'api_keys[0].key_env', value: '"TEAM_A_KEY"', origin: 'file' },
      { key: 'api_keys[0].clients', value: '["a","b"]', origin: 'file' },
      { key: 'TEAM_A_KEY', value: 'set', origin: 'environment' },
    ]),
  );
});
