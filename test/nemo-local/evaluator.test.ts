import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express from 'express';
import { strFromU8, unzipSync } from 'fflate';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { closeServer, listen, urlOf } from '../../src/nemo-local/listener.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aJob,
  aPlatform,
  get,
  overJob,
  post,
  send,
} from '../support/local-platform.js';
import { evaluationRows, toolCallTask } from '../support/order-traffic.js';

const JOBS = '/v1/evaluation/jobs';
const MODEL = 'meta/tiny-3b';

const bodyOf = (tasks: object, model: unknown = MODEL, params: object = { parallelism: 3 }) => ({
  config: { type: 'custom', params, tasks },
  target: { type: 'model', model },
  project: 'run-1',
  custom_fields: { flywheel: 'm/base' },
});

const judgedBy = (model: unknown) => ({
  type: 'llm-judge',
  params: {
    model,
    template: {
      messages: [{ role: 'user', content: 'Rate {{ sample.output_text }} / {{ item.flywheel_id }}' }],
    },
    scores: { rating: { type: 'int', parser: { type: 'regex', pattern: 'RATING:\\s*(\\d+)' } } },
  },
});

async function anEvaluation({ nemoUrl }: NemoLocal, body: object): Promise<string> {
  return `${nemoUrl}${JOBS}/${await aJob(`${nemoUrl}${JOBS}`, body)}`;
}

interface Seen {
  authorization: string | undefined;
  body: string;
}

/** A model endpoint of the test's own: answers the n-th request with a text, or with a status alone. */
async function aModelServer(answer: (index: number) => string | number) {
  const seen: Seen[] = [];
  const app = express().post(
    '/v1/chat/completions',
    express.text({ type: () => true, limit: '10mb' }),
    (req, res) => {
      const said = answer(seen.length);
      seen.push({ authorization: req.get('authorization'), body: String(req.body) });
      res.status(typeof said === 'number' ? said : 200);
      res.json({ choices: [{ message: { role: 'assistant', content: said } }] });
    },
  );
  const server = await listen(app, { host: '127.0.0.1', port: 0, serves: 'a test' });
  onTestFinished(() => closeServer(server));
  const endpoint = {
    api_endpoint: { url: `${urlOf(server)}/v1/chat/completions`, model_id: 'remote', api_key: 'k-secret' },
  };
  return { seen, endpoint };
}

const Samples = z.array(
  z.object({
    item: z.looseObject({ flywheel_id: z.string() }),
    sample: z.object({ output_text: z.string().nullable(), response: z.unknown() }),
    metrics: z.record(
      z.string(),
      z.object({
        scores: z.record(z.string(), z.object({ value: z.number() })).optional(),
        error: z.string().optional(),
      }),
    ),
  }),
);

async function samplesOf(url: string, task: string) {
  const response = await fetch(`${url}/download-results`);
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  const results: unknown = JSON.parse(strFromU8(files['results.json'] ?? new Uint8Array()));
  return z.record(z.string(), Samples).parse(results)[task] ?? [];
}

const scoresOf = (task: string, metric: string, scores: object) => ({
  tasks: { [task]: { metrics: { [metric]: { scores } } } },
});

describe('an evaluation', () => {
  test('scores other answers than the served model really gave', async () => {
    const platform = await aPlatform();
    const rows = evaluationRows(12, 'required');
    await aDataset(platform, 'e', { 'eval_data.jsonl': rows });
    await aDeployment(platform, MODEL);
    const url = await anEvaluation(platform, bodyOf({ tools: toolCallTask('e') }));
    expect(await overJob(url)).toMatchObject({
      status: 'completed',
      project: 'run-1',
      custom_fields: { flywheel: 'm/base' },
      status_details: { progress: 100, samples_processed: 12, task_status: { tools: 'completed' } },
    });
    const samples = await samplesOf(url, 'tools');
    expect(samples.map(({ item }) => item.flywheel_id)).toEqual(rows.map(({ flywheel_id }) => flywheel_id));
    const Answer = z.object({
      choices: z.array(z.object({ message: z.looseObject({ tool_calls: z.unknown() }) })),
    });
    for (const [index, { sample, metrics }] of samples.entries()) {
      const asked = await post(`${platform.nimUrl}/v1/chat/completions`, {
        model: MODEL,
        ...rows[index]?.request,
      });
      const named = (response: unknown) =>
        JSON.stringify(Answer.parse(response)).match(/"name":"(\w+)"/)?.[1];
      expect(named(sample.response)).toBe(named(asked.body));
      const right =
        named(sample.response) === rows[index]?.response.choices[0]?.message.tool_calls[0]?.function.name;
      expect(metrics['tool-calling-accuracy']?.scores?.['function_name_accuracy']?.value).toBe(Number(right));
    }
    const sum = samples.reduce(
      (total, { metrics }) =>
        total + (metrics['tool-calling-accuracy']?.scores?.['function_name_accuracy']?.value ?? NaN),
      0,
    );
    expect((await get(`${url}/results`)).body).toMatchObject(
      scoresOf('tools', 'tool-calling-accuracy', {
        function_name_accuracy: { value: sum / 12, stats: { count: 12, sum, mean: sum / 12, nan_count: 0 } },
      }),
    );
  });

  test('counts ratings that cannot be read as low ones, or shows the key to others than the judge', async () => {
    const dataDir = await aFolder();
    const platform = await aPlatform({ dataDir });
    const judge = await aModelServer(
      (index) => ['RATING: 1', 'RATING: 10', 'none', 500][index] ?? 'RATING: 4',
    );
    const target = await aModelServer((index) => `answer ${index}`);
    await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(5) });
    const task = { ...toolCallTask('e'), metrics: { correctness: judgedBy(judge.endpoint) } };
    const url = await anEvaluation(platform, bodyOf({ judged: task }, target.endpoint, { parallelism: 1 }));
    expect(await overJob(url)).toMatchObject({ status: 'completed' });
    expect((await get(`${url}/results`)).body).toMatchObject(
      scoresOf('judged', 'correctness', {
        rating: { value: 5, stats: { count: 3, sum: 15, mean: 5, nan_count: 2 } },
      }),
    );
    expect(judge.seen.map(({ authorization }) => authorization)).toEqual(Array(5).fill('Bearer k-secret'));
    expect(judge.seen[1]?.body).toContain('Rate answer 1 / row-1');
    const samples = await samplesOf(url, 'judged');
    expect(samples[2]?.metrics['correctness']?.error).toContain('gave no rating: "none"');
    expect(samples[3]?.metrics['correctness']?.error).toContain('answered 500');
    expect(JSON.stringify((await get(url)).body)).toContain('"api_key":"******"');
    const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    );
    expect(texts.join('')).not.toContain('k-secret');
  });

  test('does not go on without the rows that were not answered, or does not say how many', async () => {
    const platform = await aPlatform();
    const target = await aModelServer((index) => (index < 2 ? 503 : 'plain'));
    await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(6) });
    const url = await anEvaluation(platform, bodyOf({ tools: toolCallTask('e') }, target.endpoint));
    expect(await overJob(url)).toMatchObject({ status: 'completed' });
    expect((await get(`${url}/results`)).body).toMatchObject(
      scoresOf('tools', 'tool-calling-accuracy', {
        function_name_accuracy: { value: 0, stats: { count: 4, nan_count: 2 } },
      }),
    );
  });

  test('of a model that nobody serves does not fail, or without the reason', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(3) });
    const url = await anEvaluation(platform, bodyOf({ tools: toolCallTask('e') }));
    expect(await overJob(url)).toMatchObject({
      status: 'failed',
      status_details: {
        message: expect.stringMatching(/none of the 3 samples.*answered 404.*meta\/tiny-3b not found/),
      },
    });
    expect((await get(`${url}/results`)).status).toBe(404);
  });

  test('of a file that is not there, or holds no row, does not fail, or without the reason', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'e', { 'eval_data.jsonl': '\n' });
    const messageOf = async (dataset: string) =>
      (await overJob(await anEvaluation(platform, bodyOf({ tools: toolCallTask(dataset) }))))[
        'status_details'
      ];
    expect(await messageOf('none')).toMatchObject({
      message: expect.stringContaining('no dataset repository test/none'),
    });
    expect(await messageOf('e')).toMatchObject({ message: expect.stringContaining('holds no row') });
  });

  test('that is cancelled goes on asking the model', async () => {
    const platform = await aPlatform();
    const target = await aModelServer(() => 'slow enough');
    await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(3000) });
    const url = await anEvaluation(platform, bodyOf({ tools: toolCallTask('e') }, target.endpoint));
    await vi.waitFor(() => expect(target.seen.length).toBeGreaterThan(10), PATIENT);
    expect(await send('DELETE', url)).toMatchObject({ status: 409 });
    expect(await post(`${url}/cancel`)).toMatchObject({ body: { status: 'cancelling' } });
    expect(await overJob(url)).toMatchObject({ status: 'cancelled' });
    const asked = target.seen.length;
    expect(asked).toBeLessThan(3000);
    expect(await send('DELETE', url)).toMatchObject({ status: 200 });
    expect((await get(url)).status).toBe(404);
    expect(target.seen.length).toBeLessThanOrEqual(asked + 3);
  });

  test('that runs when the process ends is not begun again by the next', async () => {
    const dataDir = await aFolder();
    const first = await aPlatform({ dataDir });
    const target = await aModelServer(() => 'x');
    await aDataset(first, 'e', { 'eval_data.jsonl': evaluationRows(1000) });
    const url = await anEvaluation(first, bodyOf({ tools: toolCallTask('e') }, target.endpoint));
    await vi.waitFor(() => expect(target.seen.length).toBeGreaterThan(10), PATIENT);
    await first.close();
    const second = await aPlatform({ dataDir });
    expect(await overJob(url.replace(first.nemoUrl, second.nemoUrl))).toMatchObject({ status: 'completed' });
  });

  test('does not limit its rows, is not found by its project, or takes what it cannot do', async () => {
    const platform = await aPlatform();
    const target = await aModelServer(() => 'x');
    await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(9) });
    const limited = { ...toolCallTask('e'), dataset: { ...toolCallTask('e').dataset, limit: 4 } };
    await overJob(
      await anEvaluation(platform, bodyOf({ a: limited, b: toolCallTask('e') }, target.endpoint)),
    );
    expect(target.seen).toHaveLength(13);
    expect((await get(`${platform.nemoUrl}${JOBS}?filter[project]=run-1`)).body).toMatchObject({
      pagination: { total_results: 1 },
    });
    expect((await get(`${platform.nemoUrl}${JOBS}?filter[project]=run-2`)).body).toMatchObject({ data: [] });
    const refused = await post(`${platform.nemoUrl}${JOBS}`, bodyOf({ a: { ...limited, type: 'beir' } }));
    expect(refused).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'config', 'tasks', 'a'], type: 'union_tag_invalid' }] },
    });
  });
});

test('a judge that talks nonsense yields a rating', async () => {
  const platform = await aPlatform();
  const target = await aModelServer(() => 'x');
  await aDeployment(platform, 'meta/nonsense-judge-70b');
  await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(2) });
  const task = { ...toolCallTask('e'), metrics: { correctness: judgedBy('meta/nonsense-judge-70b') } };
  const url = await anEvaluation(platform, bodyOf({ judged: task }, target.endpoint));
  expect(await overJob(url)).toMatchObject({ status: 'completed' });
  expect((await get(`${url}/results`)).body).toMatchObject(
    scoresOf('judged', 'correctness', { rating: { value: null, stats: { count: 0, nan_count: 2 } } }),
  );
});
