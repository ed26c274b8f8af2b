import { expect, test } from 'vitest';
import { reachEndpoints } from '../../src/cli/endpoints.js';
import { Services } from '../../src/cli/services.js';
import { load } from '../config/config-file.js';
import { anAnsweringServer, type Answering } from '../support/answering-server.js';

const ANSWER = { body: { choices: [{ message: { role: 'assistant', content: 'hello' } }] } };
const VECTORS = { body: { data: [{ index: 0, embedding: [1, 2] }] } };

const judgeAt = (url: string) => ({
  llm_judge_config: { deployment_type: 'remote', model_name: 'big/judge', url: `${url}/v1/chat/completions` },
});
const embeddingAt = (url: string) => ({
  icl_config: {
    example_selection: 'semantic_similarity',
    similarity_config: {
      embedding_nim_config: { deployment_type: 'remote', model_name: 'e', url: `${url}/v1/embeddings` },
    },
  },
});

/** What the start says of a configuration; `reason` is null when it goes on. */
async function start(content: object, env: NodeJS.ProcessEnv = {}, modelKeysAreElsewhere = false) {
  const said: string[] = [];
  const options = { modelKeysAreElsewhere, pausesMs: [1, 2], say: (line: string) => void said.push(line) };
  const services = new Services(new AbortController().signal);
  const reason = await reachEndpoints(services, load(content, env), options).then(
    () => null,
    (error: Error) => error.message,
  );
  return { reason, said };
}

/** Answers in this order, and the last one again. */
const inTurn = (answers: Answering[]) => {
  const left = [...answers];
  return () => (left.length > 1 ? left.shift() : left[0]) ?? null;
};

test('a remote judge is not asked, or otherwise than the blueprint asks', async () => {
  const { url, asked } = await anAnsweringServer(inTurn([ANSWER]));
  expect(await start(judgeAt(url), { LLM_JUDGE_API_KEY: 'key-1' })).toEqual({ reason: null, said: [] });
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ method: 'POST', url: '/v1/chat/completions' });
  expect(asked[0]?.headers.authorization).toBe('Bearer key-1');
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    model: 'big/judge',
    messages: [{ role: 'user', content: 'hi' }],
  });
});

test('a judge that is away for a moment stops the start', async () => {
  const { url, asked } = await anAnsweringServer(inTurn([{ status: 503 }, { status: 429 }, ANSWER]));
  const { reason, said } = await start(judgeAt(url));
  expect(reason).toBeNull();
  expect(asked).toHaveLength(3);
  expect(said).toEqual([
    expect.stringMatching(
      /^the judge at http.* does not answer \(POST .*: 503.*\); trying again in 0\.001 s$/,
    ),
    expect.stringMatching(/429.*trying again in 0\.002 s$/),
  ]);
});

test.each<[string, Answering, RegExp, number]>([
  [
    'that stays away',
    { status: 500, body: { detail: 'out of order' } },
    /: 500: out of order\. Check llm_judge_config/,
    3,
  ],
  [
    'that refuses the key',
    { status: 401, body: { detail: 'bad key' } },
    /: 401: bad key\. Check .*LLM_JUDGE_API_KEY/,
    1,
  ],
  [
    'at a wrong address',
    { status: 404, body: { detail: 'Not Found' } },
    /: 404: Not Found\. Check llm_judge_config/,
    1,
  ],
  ['that answers something else', { body: { text: 'hello' } }, /: 200: the answer lacks choices/, 1],
])('a judge %s is not told, or asked in vain', async (_what, answering, reason, attempts) => {
  const { url, asked } = await anAnsweringServer(() => answering);
  const told = await start(judgeAt(url), { NVIDIA_API_KEY: 'key-1' });
  expect(told.reason).toMatch(/^the connection to the judge could not start: POST http/);
  expect(told.reason).toMatch(reason);
  expect(told.reason).not.toContain('key-1');
  expect(asked).toHaveLength(attempts);
});

test('a remote embedding model is not asked, or its reason is not told', async () => {
  const good = await anAnsweringServer(inTurn([VECTORS]));
  expect((await start(embeddingAt(good.url), { EMB_API_KEY: 'key-1' })).reason).toBeNull();
  expect(good.asked[0]?.headers.authorization).toBe('Bearer key-1');
  expect(JSON.parse(good.asked[0]?.body ?? '')).toMatchObject({
    model: 'e',
    input: ['hi'],
    input_type: 'query',
  });
  const bad = await anAnsweringServer(() => ({ status: 403, body: { detail: 'no access' } }));
  expect((await start(embeddingAt(bad.url), { EMB_API_KEY: 'key-1' })).reason).toMatch(
    /connection to the embedding model could not start: .*: 403: no access\. Check .*EMB_API_KEY/,
  );
});

test('a gateway without keys does not start beside a judge that asks for one, or starts with a wrong one', async () => {
  const { url } = await anAnsweringServer(() => ({ status: 401 }));
  expect((await start(judgeAt(url), {}, true)).reason).toBeNull();
  expect((await start(judgeAt(url), {}, false)).reason).toMatch(/: 401/);
  expect((await start(judgeAt(url), { NVIDIA_API_KEY: 'wrong' }, true)).reason).toMatch(/: 401/);
});

test('a model that runs deploy themselves, or that is behind the NIM proxy, is asked', async () => {
  const external = { llm_judge_config: { deployment_type: 'external', model_name: 'j' } };
  for (const content of [{}, external]) expect(await start(content)).toEqual({ reason: null, said: [] });
});

test('an interruption waits for the next attempt', async () => {
  const { url } = await anAnsweringServer(() => ({ status: 503 }));
  const interruption = new AbortController();
  const services = new Services(interruption.signal);
  const say = () => interruption.abort(new Error('interrupted'));
  const options = { modelKeysAreElsewhere: false, pausesMs: [3_600_000], say };
  await expect(reachEndpoints(services, load(judgeAt(url)), options)).rejects.toThrow('interrupted');
});
