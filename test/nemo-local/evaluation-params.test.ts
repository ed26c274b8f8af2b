import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import express, { type Response } from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { closeServer, listen, urlOf } from '../../src/nemo-local/listener.js';
import { EVALUATIONS } from '../support/local-jobs.js';
import { aDataset, aJob, aPlatform, get, overJob } from '../support/local-platform.js';
import { evaluationRows, toolCallTask } from '../support/order-traffic.js';

/** A model endpoint of the test's own, which says what it makes of its n-th request. */
async function aModel(answer: (res: Response, request: number) => void) {
  let asked = 0;
  const app = express().post('/v1/chat/completions', (_req, res) => answer(res, asked++));
  const server = await listen(app, { host: '127.0.0.1', port: 0, serves: 'a test' });
  onTestFinished(() => closeServer(server));
  const url = `${urlOf(server)}/v1/chat/completions`;
  return { asked: () => asked, model: { api_endpoint: { url, model_id: 'm' } } };
}

const say = (res: Response, content: string) =>
  void res.json({ choices: [{ message: { role: 'assistant', content } }] });

/** Evaluates `rows` rows one after the other with such parameters and waits for the end. */
async function evaluated({ nemoUrl }: NemoLocal, model: object, params: object) {
  const id = await aJob(`${nemoUrl}${EVALUATIONS}`, {
    config: { type: 'custom', params: { parallelism: 1, ...params }, tasks: { t: toolCallTask('e') } },
    target: { type: 'model', model },
  });
  const url = `${nemoUrl}${EVALUATIONS}/${id}`;
  return { job: await overJob(url), results: (await get(`${url}/results`)).body };
}

const counts = (stats: { count: number; nan_count: number }) => ({
  tasks: {
    t: { metrics: { 'tool-calling-accuracy': { scores: { function_name_accuracy: { stats } } } } },
  },
});

async function aPlatformOf(rows: number): Promise<NemoLocal> {
  const platform = await aPlatform();
  await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(rows) });
  return platform;
}

test('limit_samples lets more rows be asked, or fewer', async () => {
  const platform = await aPlatformOf(5);
  const { model, asked } = await aModel((res) => say(res, 'x'));
  const { job, results } = await evaluated(platform, model, { limit_samples: 2 });
  expect(job).toMatchObject({ status_details: { samples_processed: 2, progress: 100 } });
  expect(results).toMatchObject(counts({ count: 2, nan_count: 0 }));
  expect(asked()).toBe(2);
  await evaluated(platform, model, { limit_samples: 9 });
  expect(asked()).toBe(2 + 5);
});

test.each([
  { status: 503, max_retries: 2, asked: 3, count: 1 },
  { status: 429, max_retries: 2, asked: 3, count: 1 },
  { status: 503, max_retries: 1, asked: 2, count: 0 },
  { status: 503, max_retries: undefined, asked: 1, count: 0 },
  { status: 400, max_retries: 2, asked: 1, count: 0 },
])('max_retries $max_retries after answers of $status makes not $asked requests', async (one) => {
  const platform = await aPlatformOf(1);
  const { model, asked } = await aModel((res, request) =>
    request < 2 ? void res.status(one.status).end() : say(res, 'x'),
  );
  const { job, results } = await evaluated(platform, model, { max_retries: one.max_retries });
  expect(asked()).toBe(one.asked);
  expect(job.status).toBe(one.count === 1 ? 'completed' : 'failed');
  if (one.count === 1) expect(results).toMatchObject(counts({ count: 1, nan_count: 0 }));
  else expect(Message.parse(job).status_details.message).toContain(`answered ${one.status}`);
});

const Message = z.looseObject({ status_details: z.object({ message: z.string() }) });

/** What nobody holds is gone after it, as a limit of time may be. */
function collectGarbage() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

test('request_timeout lets a row wait for an answer that never comes', async () => {
  const platform = await aPlatformOf(2);
  const { model, asked } = await aModel((res, request) => {
    if (request > 0) return say(res, 'x');
    collectGarbage();
  });
  const { job, results } = await evaluated(platform, model, { request_timeout: 5 });
  expect(job.status).toBe('completed');
  expect(asked()).toBe(2);
  expect(results).toMatchObject(counts({ count: 1, nan_count: 1 }));
});
