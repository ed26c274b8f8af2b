import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { startNemoLocal, type NemoLocal } from '../../src/nemo-local/index.js';
import { anAnsweringServer } from '../support/answering-server.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aJob,
  aPlatform,
  get,
  listedModels,
  overJob,
  post,
} from '../support/local-platform.js';
import {
  aStreamingServer,
  aWorld,
  bodiesOf,
  completion,
  listening,
  messages,
  MODEL,
  servedBy,
  streamed,
} from '../support/openai-world.js';
import { evaluationRows, toolCallTask, trainingRows } from '../support/order-traffic.js';

const Said = z.looseObject({ messages: z.array(z.unknown()) });

describe('a model behind which an OpenAI-compatible server stands', () => {
  test('is not asked all that the client said, or by another name than there, or answers under another than here', async () => {
    const { asked, chat, url } = await aWorld(() => ({ body: completion }), {
      models: { [MODEL]: 'qwen' },
      key: 'sk-test',
    });
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const said = {
      tools,
      tool_choice: 'required',
      temperature: 0.2,
      response_format: { type: 'json_object' },
    };
    const answer = await chat({ ...said, nvext: { guided_choice: ['a'] } });
    expect(answer).toMatchObject({ status: 200, body: { ...completion, model: MODEL } });
    expect(bodiesOf(asked)).toEqual([{ model: 'qwen', messages, ...said }]);
    expect(asked[0]).toMatchObject({
      url: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-test', host: new URL(url).host },
    });
  });

  test('does not complete texts, or a path in the address is lost', async () => {
    const server = await anAnsweringServer(() => ({ body: { choices: [{ text: ' world' }] } }));
    const openAi = { url: `${server.url}/openai/`, key: null, models: { [MODEL]: 'qwen' } };
    const platform = await aPlatform({ openAi });
    await aDeployment(platform, MODEL);
    const answer = await post(`${platform.nimUrl}/v1/completions`, { model: MODEL, prompt: 'hello' });
    expect(answer.body).toEqual({ choices: [{ text: ' world' }], model: MODEL });
    expect(server.asked[0]).toMatchObject({ url: '/openai/completions' });
    expect(server.asked[0]?.headers).not.toHaveProperty('authorization');
  });

  test('streams something else than the server does, when that comes in pieces', async () => {
    const chunks = ['grüß', ' dich'].map((content) => ({
      model: 'qwen',
      choices: [{ index: 0, delta: { content } }],
    }));
    const events = [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map(
      (data) => `data: ${data}\n\n`,
    );
    const bytes = Buffer.from(`: a comment\n\n${events.join('')}`);
    const { url } = await aStreamingServer(async (write) => {
      for (const byte of bytes) await write(Buffer.of(byte));
    });
    const { nimUrl } = await servedBy(url);
    const response = await streamed(nimUrl);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toBe(bytes.toString().replaceAll('"model":"qwen"', `"model":"${MODEL}"`));
  });

  test('is computed for a client that has gone', async () => {
    const server = createServer();
    const url = await listening(server);
    const request = once(server, 'request');
    const { nimUrl } = await servedBy(url);
    const client = new AbortController();
    const asking = streamed(nimUrl, { signal: client.signal });
    const [, answer]: ServerResponse[] = await request;
    const gone = answer && once(answer, 'close');
    client.abort();
    await expect(asking).rejects.toThrow('aborted');
    await gone;
  });
});

test('without a choice of models the server does not answer for a chat model by its own name, or for an embedding', async () => {
  const embedding = 'nvidia/embed-1b';
  const { asked, chat, platform } = await aWorld(() => ({ body: completion }), {}, [MODEL, embedding]);
  expect(await chat({})).toMatchObject({ status: 200 });
  expect(bodiesOf(asked)).toEqual([{ model: MODEL, messages }]);
  expect(await chat({}, embedding)).toMatchObject({ status: 404 });
  const embedded = await post(`${platform.nimUrl}/v1/embeddings`, { model: embedding, input: 'hi' });
  expect(embedded.status).toBe(200);
});

test('models that are not chosen, or not deployed, are taken for the server’s', async () => {
  const { asked, chat, platform } = await aWorld(() => ({ body: completion }), { models: { [MODEL]: 'q' } }, [
    'meta/tiny-1b',
  ]);
  expect(await chat({}, 'meta/tiny-1b')).toMatchObject({ status: 200, body: { model: 'meta/tiny-1b' } });
  expect(await chat({})).toMatchObject({ status: 404, body: { detail: `model ${MODEL} not found` } });
  expect(await listedModels(platform)).toEqual(['meta/tiny-1b']);
  expect(asked).toEqual([]);
});

const customization = (target: string) => ({
  config: {
    target,
    training_options: [{ training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 }],
    max_seq_length: 4096,
    name: 'c',
  },
  dataset: 'test/rows',
  output_model: 'test/out',
  hyperparameters: { finetuning_type: 'lora', epochs: 1 },
});

test('a customization of such a model is created, or refused without the reason', async () => {
  const { platform, url } = await aWorld(() => ({ body: completion }));
  const answer = await post(`${platform.nemoUrl}/v1/customization/jobs`, customization(`${MODEL}@2.0`));
  expect(answer).toMatchObject({
    status: 422,
    body: {
      detail: [
        {
          loc: ['body', 'config', 'target'],
          msg: expect.stringContaining(
            `${MODEL} cannot be customized: the OpenAI-compatible server at ${url}/v1 answers for it (its model qwen)`,
          ),
        },
      ],
    },
  });
  expect((await get(`${platform.nemoUrl}/v1/customization/jobs`)).body).toMatchObject({ data: [] });
});

test('what was trained for a tiny model is served though another server answers for its base', async () => {
  const dataDir = await aDataDirWithAdapter();
  const platform = await aPlatform({ dataDir, openAi: { url: 'http://127.0.0.1:9', key: null } });
  expect(await listedModels(platform)).toEqual([MODEL]);
});

test('the client reads the server’s answer before guardrails do', async () => {
  const words = ['you are stupid', 'hello'];
  const { asked, platform } = await aWorld(({ body }) => ({
    body: {
      ...completion,
      choices: [{ index: 0, message: { content: words[Said.parse(JSON.parse(body)).messages.length - 1] } }],
    },
  }));
  const url = `${platform.nemoUrl}/v1/guardrail/chat/completions`;
  const guardrails = { config: { rails: { output: { flows: ['self check output'] } } } };
  const guarded = (count: number) =>
    post(url, { model: MODEL, messages: Array(count).fill(messages[0]), guardrails, stream: false });
  const said = (content: string) => ({ status: 200, body: { choices: [{ message: { content } }] } });
  expect(await guarded(1)).toMatchObject(said("I'm sorry, I can't respond to that."));
  expect(await guarded(2)).toMatchObject(said('hello'));
  expect(bodiesOf(asked)[1]).toEqual({ model: 'qwen', messages: [...messages, ...messages], stream: false });
});

test('an evaluation through another nemo-local’s NIM proxy has other scores than one without', async () => {
  const behind = await aPlatform();
  await aDeployment(behind, MODEL);
  const front = await aPlatform({
    openAi: { url: behind.nimUrl, key: null, models: { 'org/front': MODEL } },
  });
  await aDeployment(front, 'org/front');
  const direct = await scoresOf(behind, MODEL);
  expect(await scoresOf(front, 'org/front')).toEqual(direct);
  expect(JSON.stringify(direct)).toContain('function_name_accuracy');
});

async function scoresOf(platform: NemoLocal, model: string): Promise<unknown> {
  await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(12, 'required') });
  const jobs = `${platform.nemoUrl}/v1/evaluation/jobs`;
  const config = { type: 'custom', tasks: { tools: toolCallTask('e') } };
  const id = await aJob(jobs, { config, target: { type: 'model', model } });
  expect(await overJob(`${jobs}/${id}`)).toMatchObject({ status: 'completed' });
  const { body } = await get(`${jobs}/${id}/results`);
  return z.looseObject({ tasks: z.unknown() }).parse(body).tasks;
}

/** The data folder of a nemo-local that has trained an adapter, and served it. */
async function aDataDirWithAdapter(): Promise<string> {
  const dataDir = await aFolder();
  const first = await startNemoLocal({ dataDir });
  await aDataset(first, 'rows', { 'training/training.jsonl': trainingRows(12) });
  await aDeployment(first, MODEL);
  const jobs = `${first.nemoUrl}/v1/customization/jobs`;
  await overJob(`${jobs}/${await aJob(jobs, customization(`${MODEL}@2.0`))}`);
  await vi.waitUntil(async () => (await listedModels(first)).length === 2, PATIENT);
  await first.close();
  return dataDir;
}
