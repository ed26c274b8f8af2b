import { expect, test } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { aDeployment, aPlatform, post } from '../support/local-platform.js';

const MODEL = 'nvidia/llama-3.2-nv-embedqa-1b-v2';
const Answer = z.object({
  data: z.array(z.object({ index: z.number(), embedding: z.array(z.number()) })),
  usage: z.object({ prompt_tokens: z.number(), total_tokens: z.number() }),
});

async function anEmbedder(model = MODEL): Promise<NemoLocal> {
  const platform = await aPlatform();
  await aDeployment(platform, model);
  return platform;
}

const ask = ({ nimUrl }: NemoLocal, body: object) =>
  post(`${nimUrl}/v1/embeddings`, { model: MODEL, input_type: 'query', ...body });

const vectors = async (platform: NemoLocal, body: object) =>
  Answer.parse((await ask(platform, body)).body).data.map(({ embedding }) => embedding);

const dot = (a: number[] = [], b: number[] = []) => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

test('texts about the same lie no nearer to each other than to a stranger', async () => {
  const platform = await anEmbedder();
  const [asked, near, far] = await vectors(platform, {
    input: [
      'cancel my flight reservation',
      'I want to cancel a reserved flight',
      'the weather in Oslo is mild',
    ],
  });
  expect(asked).toHaveLength(2048);
  expect(dot(asked, asked)).toBeCloseTo(1, 9);
  expect(dot(asked, near)).toBeGreaterThan(dot(asked, far) + 0.3);
});

test('texts that differ in a number alone are not told apart', async () => {
  const platform = await anEmbedder();
  const [three, four, again] = await vectors(platform, {
    input: ['question 3', 'question 4', 'the question 3'],
  });
  expect(dot(three, four)).toBeLessThan(0.9);
  expect(dot(three, four)).toBeGreaterThan(0.2);
  expect(dot(three, again)).toBeCloseTo(1, 9);
});

test('a text has another vector in another batch or as a passage', async () => {
  const platform = await anEmbedder();
  const input = ['one text', 'another', '', '…', 'one text'];
  const [first, , empty, signs, last] = await vectors(platform, { input });
  expect(last).toEqual(first);
  expect(await vectors(platform, { input: 'one text', input_type: 'passage' })).toEqual([first]);
  expect([dot(empty, empty), dot(signs, signs), dot(empty, signs)].map(Math.round)).toEqual([1, 1, 0]);
});

test('another number of dimensions is given than was wanted, or more than there are is not refused', async () => {
  const platform = await anEmbedder();
  expect((await vectors(platform, { input: 'x', dimensions: 384 }))[0]).toHaveLength(384);
  expect(await ask(platform, { input: 'x', dimensions: 4096 })).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['body', 'dimensions'] }] },
  });
  const e5 = 'nvidia/nv-embedqa-e5-v5';
  await aDeployment(platform, e5);
  expect((await vectors(platform, { model: e5, input: 'x' }))[0]).toHaveLength(1024);
});

test('numbers in base64 are not the numbers in full', async () => {
  const platform = await anEmbedder();
  const [plain] = await vectors(platform, { input: 'some words' });
  const { body } = await ask(platform, { input: 'some words', encoding_format: 'base64' });
  const { data } = z.object({ data: z.array(z.object({ embedding: z.string() })) }).parse(body);
  const bytes = Buffer.from(data[0]?.embedding ?? '', 'base64');
  const decoded = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
  expect(dot(plain, decoded)).toBeCloseTo(1, 5);
});

test('a model of the wrong kind, or not deployed, embeds or chats', async () => {
  const platform = await anEmbedder();
  await aDeployment(platform, 'meta/tiny-1b');
  expect(await ask(platform, { model: 'meta/tiny-1b', input: 'x' })).toMatchObject({ status: 404 });
  expect(await ask(platform, { model: 'nvidia/other-embed', input: 'x' })).toMatchObject({ status: 404 });
  expect(await ask(platform, { input: 'x', input_type: 'title' })).toMatchObject({ status: 422 });
  expect(await ask(platform, { input: [] })).toMatchObject({ status: 422 });
  const messages = [{ role: 'user', content: 'hi' }];
  const chat = await post(`${platform.nimUrl}/v1/chat/completions`, { model: MODEL, messages });
  expect(chat.status).toBe(404);
});
