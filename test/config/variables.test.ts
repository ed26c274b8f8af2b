import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VARIABLES } from '../../src/config/variables.js';
import { load } from './config-file.js';

const remoteJudge = {
  llm_judge_config: { deployment_type: 'remote', model_name: 'j', url: 'http://judge/v1' },
};

describe('a variable of the blueprint', () => {
  test.each<[string, string, (loaded: ReturnType<typeof load>) => unknown]>([
    ['LLM_JUDGE_API_KEY', 'k', ({ secrets }) => secrets.judgeApiKey],
    ['NVIDIA_API_KEY', 'k', ({ secrets }) => secrets.judgeApiKey],
    ['NVIDIA_API_KEY', 'k', ({ secrets }) => secrets.embeddingApiKey],
    ['EMB_API_KEY', 'k', ({ secrets }) => secrets.embeddingApiKey],
    ['HF_TOKEN', 'k', ({ secrets }) => secrets.hfToken],
    ['ELASTICSEARCH_URL', 'http://es:9200', ({ services }) => storeOf(services).url],
    ['ES_COLLECTION_NAME', 'traffic', ({ services }) => storeOf(services).logIndex],
    ['PORT', '9000', ({ services }) => String(services.gateway.port)],
  ])('%s is not honoured', (name, value, read) => {
    expect(read(load(remoteJudge, { ELASTICSEARCH_URL: 'http://other', [name]: value }))).toBe(value);
  });

  test.each([
    ['MONGODB_URL', 'mongodb://m'],
    ['MONGODB_DB', 'flywheel'],
    ['REDIS_URL', 'redis://r:6379/0'],
    ['ES_EMBEDDINGS_INDEX_NAME', 'embeddings'],
    ['COMPOSE_PROFILES', 'local-nemo,mlflow'],
  ])('%s has no effect, and nobody says so', (name, value) => {
    expect(load({}, { [name]: value }).warnings).toEqual([
      expect.stringMatching(`^${name} .* no effect.*: .{20}`),
    ]);
    expect(load({}, { [name]: '' }).warnings).toEqual([]);
  });

  test('that names other profiles is warned of', () => {
    expect(load({}, { COMPOSE_PROFILES: 'local-nemo, mlflow' }).warnings).toEqual([]);
  });
});

/** The variables by which other programs are found, not settings of ours. */
const OF_THE_SYSTEM = ['PATH', 'XDG_CACHE_HOME'];
/** Read to say that it has no effect. */
const NOTED = ['COMPOSE_PROFILES'];
/** Read by Temporal's own library. */
const OF_TEMPORAL = ['TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY'];

test('the program reads a variable that nobody knows of, or none that is said to be read', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  const code = files
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join('src', file), 'utf8'))
    .join('\n');
  const read = [...code.matchAll(/(?:env\[|address\()'([A-Z_]+)'/g)].map(([, name = '']) => name);
  const known = VARIABLES.map(({ name }) => name);
  expect(new Set(read).size).toBeGreaterThan(10);
  for (const name of read) expect([...known, ...OF_THE_SYSTEM, ...NOTED]).toContain(name);
  for (const name of known) expect([...read, ...OF_TEMPORAL]).toContain(name);
});

function storeOf({ store }: ReturnType<typeof load>['services']) {
  if (store.kind === 'elasticsearch') return store;
  throw new Error(`the store is ${store.kind}`);
}
