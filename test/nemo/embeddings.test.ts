import { describe, expect, test } from 'vitest';
import { isFinal } from '../../activities/failures.js';
import { createNemo } from '../../src/nemo/index.js';
import { ServiceError } from '../../src/nemo/service-error.js';
import { anAnsweringServer, type Answering, type Asked } from '../support/answering-server.js';

const KEY = 'nvapi-very-secret';

/** What a text becomes here: its number, and how many texts came with it. */
const vectorOf = (text: string, count: number) => [Number(text), count];

function vectors({ body }: Asked): Answering {
  const { input } = JSON.parse(body) as { input: string[] };
  const data = input.map((text, index) => ({ index, embedding: vectorOf(text, input.length) }));
  return { body: { data: data.reverse() } };
}

function one(index: number, embedding: number[] | null) {
  return { index, embedding };
}

async function anEndpoint(answer: (asked: Asked) => Answering | null = vectors) {
  const { url, asked } = await anAnsweringServer(answer);
  const { embeddings } = createNemo({
    nemoUrl: url,
    nimUrl: url,
    dataStoreUrl: url,
    hfToken: 'x',
    embeddingApiKey: KEY,
  });
  const embed = (texts: string[], change: { url?: string; inputType?: 'passage' | 'query' } = {}) =>
    embeddings.embed({ model: 'nv/embed', url: null, inputType: 'passage', texts, ...change });
  return { url, asked, embed };
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

async function errorOf(call: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (error instanceof ServiceError) return error;
  throw new Error(`not a ServiceError: ${String(error)}`);
}

test.each([
  [0, []],
  [1, [1]],
  [32, [32]],
  [100, [32, 32, 32, 4]],
])('%i texts go in other batches, or come back in another order', async (count, batches) => {
  const { asked, embed } = await anEndpoint();
  const embedded = await embed(numbers(count));
  expect(embedded.map(([text]) => String(text))).toEqual(numbers(count));
  expect(asked.map(({ body }) => (JSON.parse(body) as { input: string[] }).input.length)).toEqual(batches);
});

test('the corpus is embedded as a query, a query as a passage, or a long text is an error', async () => {
  const { asked, embed } = await anEndpoint();
  await embed(['1'], { inputType: 'passage' });
  await embed(['1'], { inputType: 'query' });
  expect(asked.map(({ url, body }) => [url, JSON.parse(body)])).toEqual(
    ['passage', 'query'].map((input_type) => [
      '/v1/embeddings',
      { model: 'nv/embed', input: ['1'], input_type, encoding_format: 'float', truncate: 'END' },
    ]),
  );
});

describe('the key of a remote endpoint', () => {
  test('goes to the NIM proxy, or not to the endpoint', async () => {
    const { url, asked, embed } = await anEndpoint();
    await embed(['1']);
    await embed(['1'], { url: `${url}/my/embeddings` });
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v1/embeddings', undefined],
      ['/my/embeddings', `Bearer ${KEY}`],
    ]);
  });

  test.each([
    ['a refusal', { status: 401, body: { detail: `Incorrect API key provided: ${KEY}` } }],
    ['a failure', { status: 503, body: `could not use ${KEY}` }],
    ['an answer that lacks the vectors', { body: { echo: KEY } }],
  ])('comes back in the error about %s', async (_what, answering) => {
    const { url, embed } = await anEndpoint(() => answering);
    const error = await errorOf(embed(['1'], { url: `${url}/v1/embeddings` }));
    expect(error.message).toMatch(/^POST \S+\/v1\/embeddings: \d{3}: /);
    expect(JSON.stringify([error.message, error.cause, error.service])).not.toContain(KEY);
  });
});

describe('a batch that fails', () => {
  test.each([
    ['a model that is not there', { status: 404, body: { detail: 'model nv/embed not found' } }, true],
    ['a request that is refused', { status: 422, body: { detail: 'input too long' } }, true],
    ['a service that is busy', { status: 429 }, false],
    ['a service that is out of order', { status: 503 }, false],
    ['too few vectors', { body: { data: [] } }, true],
    ['two vectors for one text', { body: { data: [one(0, [1]), one(0, [1])] } }, true],
    ['vectors of two lengths', { body: { data: [one(0, [1]), one(1, [1, 2])] } }, true],
    ['empty vectors', { body: { data: [one(0, []), one(1, [])] } }, true],
    ['a null for a vector', { body: { data: [one(0, [1]), one(1, null)] } }, true],
  ])('(%s) passes for an embedding, or is tried again in vain', async (_what, answering, final) => {
    const { embed } = await anEndpoint(() => answering);
    const error = await errorOf(embed(['1', '2']));
    expect(error.message).toMatch(/^POST \S+\/v1\/embeddings: \d{3}: /);
    expect(isFinal(error)).toBe(final);
  });

  test('for want of a service does not say which', async () => {
    const { embed } = await anEndpoint();
    const error = await errorOf(embed(['1'], { url: 'http://127.0.0.1:9/v1/embeddings' }));
    expect(error.message).toMatch(
      /: no answer \(.*\); is the embedding model nv\/embed up and its URL right\?/,
    );
    expect(isFinal(error)).toBe(false);
  });
});
