import { expect, test } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { aDeployment, aPlatform, post } from '../support/local-platform.js';
import { evaluationRows } from '../support/order-traffic.js';

const MODEL = 'meta/tiny-3b';

async function aModel(name = MODEL): Promise<NemoLocal> {
  const platform = await aPlatform();
  await aDeployment(platform, name);
  return platform;
}

const Delta = z.object({
  content: z.string().nullish(),
  tool_calls: z
    .array(
      z.object({
        index: z.number(),
        id: z.string().optional(),
        function: z.object({ name: z.string().optional(), arguments: z.string() }),
      }),
    )
    .optional(),
});
const Chunk = z.object({
  object: z.string(),
  choices: z.array(
    z.object({
      index: z.number(),
      delta: Delta.optional(),
      text: z.string().optional(),
      finish_reason: z.string().nullable(),
    }),
  ),
  usage: z.object({ completion_tokens: z.number(), total_tokens: z.number() }).optional(),
});

/** The chunks of a stream, which must end as OpenAI's streams do. */
async function streamed({ nimUrl }: NemoLocal, path: string, body: object) {
  const response = await fetch(`${nimUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ model: MODEL, stream: true, ...body }),
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const events = (await response.text()).split('\n\n');
  expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
  return events.slice(0, -2).map((event) => Chunk.parse(JSON.parse(event.replace(/^data: /, ''))));
}

const Whole = z.object({
  choices: z.array(
    z.object({
      text: z.string().optional(),
      finish_reason: z.string(),
      message: z
        .object({
          content: z.string().nullable(),
          tool_calls: z
            .array(
              z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }),
            )
            .optional(),
        })
        .optional(),
    }),
  ),
  usage: z.object({ completion_tokens: z.number(), total_tokens: z.number() }),
});

const whole = async ({ nimUrl }: NemoLocal, path: string, body: object) =>
  Whole.parse((await post(`${nimUrl}${path}`, { model: MODEL, ...body })).body);

const CHAT = '/v1/chat/completions';
const TEXT = '/v1/completions';
const hello = { messages: [{ role: 'user', content: 'Where is the parcel that I ordered on Monday?' }] };

test('a streamed answer says other words than the whole one', async () => {
  const platform = await aModel();
  const answer = await whole(platform, CHAT, hello);
  const chunks = await streamed(platform, CHAT, { ...hello, stream_options: { include_usage: true } });
  const said = chunks.map(({ choices }) => choices[0]?.delta?.content ?? '').join('');
  expect(said).toBe(answer.choices[0]?.message?.content);
  expect(chunks.length).toBeGreaterThan(4);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: answer.usage });
  expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
});

test('a streamed tool call is not the whole one in pieces', async () => {
  const platform = await aModel();
  const request = { ...evaluationRows(1)[0]?.request, tool_choice: 'required' };
  const call = (await whole(platform, CHAT, request)).choices[0]?.message?.tool_calls?.[0];
  const chunks = await streamed(platform, CHAT, request);
  const parts = chunks.flatMap(({ choices }) => choices[0]?.delta?.tool_calls ?? []);
  expect(parts[0]).toMatchObject({ index: 0, id: call?.id, function: { name: call?.function.name } });
  expect(call?.id).toMatch(/^chatcmpl-tool-[0-9a-f]{32}$/);
  expect(parts.map((part) => part.function.arguments).join('')).toBe(call?.function.arguments);
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
});

test('text is not completed, each prompt for itself, whole and streamed', async () => {
  const platform = await aModel();
  const prompt = ['Where is the parcel that I ordered on Monday?', 'What does the lamp cost, please?'];
  const { choices } = await whole(platform, TEXT, { prompt, n: 2, echo: true });
  expect(choices.map(({ text }) => prompt.findIndex((one) => text?.startsWith(one)))).toEqual([0, 0, 1, 1]);
  const chunks = await streamed(platform, TEXT, { prompt });
  const said = prompt.map((_, index) =>
    chunks.flatMap(({ choices: [choice] }) => (choice?.index === index ? [choice.text] : [])).join(''),
  );
  const plain = await whole(platform, TEXT, { prompt });
  expect(said).toEqual(plain.choices.map(({ text }) => text));
});

test('an answer goes on after a stop sequence or its limit, or does not say which it was', async () => {
  const platform = await aModel('meta/nonsense-3b');
  const ask = async (body: object) =>
    (await whole(platform, CHAT, { ...hello, model: 'meta/nonsense-3b', ...body })).choices[0];
  expect(await ask({ stop: ' day' })).toMatchObject({
    finish_reason: 'stop',
    message: { content: 'What a lovely' },
  });
  await aDeployment(platform, MODEL);
  const limited = (limit: object) => whole(platform, CHAT, { ...hello, ...limit });
  const short = await limited({ max_tokens: 2 });
  expect(short.choices[0]).toMatchObject({ finish_reason: 'length' });
  expect(short.usage.completion_tokens).toBe(2);
  expect((await limited({ max_completion_tokens: 2 })).choices).toEqual(short.choices);
  expect((await limited({ max_tokens: 1000 })).choices[0]?.finish_reason).toBe('stop');
});
