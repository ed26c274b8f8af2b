import express from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { closeServer, listen, urlOf } from '../../src/nemo-local/listener.js';
import { aDataset, aJob, aPlatform, get, overJob, post } from '../support/local-platform.js';

const JOBS = '/v1/evaluation/jobs';

const data = (metrics: object, dataset?: object) => ({
  type: 'custom',
  tasks: { t: { type: 'data', metrics, ...(dataset && { dataset }) } },
});

/** Scores rows while the test waits. */
async function live(rows: object[], metrics: object): Promise<unknown> {
  const { nemoUrl } = await aPlatform();
  const { status, body } = await post(`${nemoUrl}/v1/evaluation/live`, {
    config: data(metrics),
    target: { type: 'rows', rows },
  });
  expect(status).toBe(200);
  return body;
}

const scoresOf = (metric: string, scores: object) => ({
  status: 'completed',
  result: { tasks: { t: { metrics: { [metric]: { scores } } } } },
});

describe('a live evaluation', () => {
  test('confuses the scores of its metrics', async () => {
    const params = { ground_truth: '{{ wanted | trim }}', candidate: '{{ item.said }}' };
    const body = await live(
      [
        { said: 'The answer is 42', wanted: ' the answer is: 42! ' },
        { said: 'Forty-two', wanted: '42' },
      ],
      {
        f1: { type: 'f1', params },
        em: { type: 'em', params },
        rouge: { type: 'rouge', params },
        bleu: {
          type: 'bleu',
          params: { references: ['{{ said }}', '{{ wanted }}'], candidate: '{{ said }}' },
        },
        text: { type: 'string-check', params: { check: ['{{ said | lower }}', 'startswith', 'the'] } },
        number: { type: 'number-check', params: { check: ['{{ said }}', '==', '{{ wanted }}'] } },
      },
    );
    const stats = { count: 2, sum: 1, mean: 0.5, nan_count: 0 };
    expect(body).toMatchObject(scoresOf('f1', { f1_score: { value: 0.5, stats } }));
    expect(body).toMatchObject(scoresOf('em', { em_score: { value: 0.5, stats } }));
    for (const score of ['rouge_1_score', 'rouge_2_score', 'rouge_3_score', 'rouge_L_score'])
      expect(body).toMatchObject(scoresOf('rouge', { [score]: { value: 0.5, stats } }));
    expect(body).toMatchObject(
      scoresOf('bleu', { sentence: { value: expect.closeTo(100) }, corpus: { value: expect.closeTo(100) } }),
    );
    expect(body).toMatchObject(scoresOf('text', { 'string-check': { value: 0.5, stats } }));
    // "Forty-two" holds no number: it is no wrong one either.
    expect(body).toMatchObject(
      scoresOf('number', { 'number-check': { value: 1, stats: { count: 1, nan_count: 1 } } }),
    );
    expect(body).toMatchObject({
      status_details: {
        message:
          'Job completed, but scores are missing: task t, row 2, metric number: no number to check in "Forty-two"',
      },
    });
  });

  test.each([
    ['equals', 'a b', 'a b', 1],
    ['equals', 'a b', 'A b', 0],
    ['!=', 'a', 'b', 1],
    ['not equals', 'a', 'a', 0],
    ['contains', 'a b', 'b', 1],
    ['not contains', 'a b', 'b', 0],
    ['startswith', 'a b', 'b', 0],
    ['endswith', 'a b', 'b', 1],
  ])('checks "%s" of %s and %s wrongly', async (operation, left, right, value) => {
    const metric = { type: 'string-check', params: { check: ['{{ left }}', operation, '{{ right }}'] } };
    expect(await live([{ left, right }], { metric })).toMatchObject(
      scoresOf('metric', { 'string-check': { value } }),
    );
  });

  test.each([
    ['>=', 'first 3, then 4.5', '4.5', undefined, 1],
    ['less than', '-2', '1', undefined, 1],
    ['gt', '1', '1', undefined, 0],
    ['not equals', '1', '1.0', undefined, 0],
    ['absolute difference', '10.2', '10', 0.5, 1],
    ['absolute difference', '11', '10', 0.5, 0],
  ])('checks "%s" of the numbers in %s and %s wrongly', async (operation, left, right, epsilon, value) => {
    const check = ['{{ left }}', operation, '{{ right }}'];
    const metric = { type: 'number-check', params: { check, ...(epsilon !== undefined && { epsilon }) } };
    expect(await live([{ left, right }], { metric })).toMatchObject(
      scoresOf('metric', { 'number-check': { value } }),
    );
  });

  test('of a dataset that is not there does not say why it failed', async () => {
    const { nemoUrl } = await aPlatform();
    const metrics = { m: { type: 'string-check', params: { check: ['a', 'equals', 'a'] } } };
    const target = { type: 'dataset', dataset: { files_url: 'hf://datasets/test/none' } };
    expect(
      (await post(`${nemoUrl}/v1/evaluation/live`, { config: data(metrics), target })).body,
    ).toMatchObject({
      status: 'failed',
      status_details: { message: expect.stringContaining('no dataset repository test/none') },
    });
  });
});

test.each([
  [
    ['body', 'config', 'tasks', 't', 'metrics', 'm', 'params', 'check', 2],
    data(
      { m: { type: 'string-check', params: { check: ['a', 'equals', '{{ b'] } } },
      { files_url: 'hf://datasets/test/none' },
    ),
  ],
  [
    ['body', 'config', 'tasks', 't', 'params', 'template', 'messages', 0, 'content'],
    {
      type: 'custom',
      tasks: {
        t: {
          type: 'chat-completion',
          dataset: { files_url: 'hf://datasets/test/none' },
          params: { template: { messages: [{ role: 'user', content: '{{ item.n | }}' }] } },
          metrics: {},
        },
      },
    },
  ],
])('a template that cannot be read is refused at %j', async (loc, config) => {
  const { nemoUrl } = await aPlatform();
  const target = { type: 'model', model: 'm' };
  for (const [path, body] of [
    ['jobs', { config, target }],
    ['configs', config],
  ] as const) {
    const place = path === 'jobs' ? loc : loc.filter((part) => part !== 'config');
    expect(await post(`${nemoUrl}/v1/evaluation/${path}`, body)).toMatchObject({
      status: 422,
      body: { detail: [{ loc: place, msg: expect.stringContaining('is not a Jinja template') }] },
    });
  }
});

test.each([
  ['RATING: [0-9]+', /has no group/],
  ['RATING: (', /is not a regular expression/],
  ['(?i)(?P<score>\\d+)', null],
])(
  'a judge whose score is parsed by %s is refused only without a pattern or a group',
  async (pattern, reason) => {
    const { nemoUrl } = await aPlatform();
    const scores = { s: { type: 'int', parser: { type: 'regex', pattern } } };
    const params = { model: 'judge', template: { messages: [] }, scores };
    const config = data({ m: { type: 'llm-judge', params } }, { files_url: 'hf://datasets/test/none' });
    const { status, body } = await post(`${nemoUrl}/v1/evaluation/configs`, config);
    expect(status).toBe(reason === null ? 200 : 422);
    if (reason !== null) expect(body).toMatchObject({ detail: [{ msg: expect.stringMatching(reason) }] });
  },
);

test('logged answers cannot be scored without asking a model', async () => {
  const platform = await aPlatform();
  const message = (name: string) => ({
    tool_calls: [{ type: 'function', function: { name, arguments: '{"a": 1}' } }],
  });
  const truth = [{ type: 'function', function: { name: 'f', arguments: { a: 1 } } }];
  const rows = ['f', 'g'].map((name) => ({
    truth,
    output_text: name,
    response: { choices: [{ message: message(name) }] },
  }));
  await aDataset(platform, 'logged', { 'rows.json': JSON.stringify(rows) });
  const files_url = 'hf://datasets/test/logged/rows.json';
  const metrics = {
    calls: { type: 'tool-calling', params: { tool_calls_ground_truth: '{{ truth | tojson }}' } },
    said: { type: 'string-check', params: { check: ['{{ output_text | trim }}', 'equals', 'f'] } },
    f1: { type: 'f1', params: { ground_truth: 'f' } },
  };
  for (const [config, target] of [
    [data(metrics), { type: 'cached_outputs', cached_outputs: { files_url } }],
    [data(metrics), { type: 'dataset', dataset: 'test/logged' }],
    [data(metrics, { files_url }), { type: 'model', model: 'unused' }],
  ]) {
    const url = `${platform.nemoUrl}${JOBS}/${await aJob(`${platform.nemoUrl}${JOBS}`, { config, target })}`;
    expect(await overJob(url)).toMatchObject({ status: 'completed' });
    const { tasks } = Object((await get(`${url}/results`)).body);
    expect(tasks).toMatchObject({
      t: {
        metrics: {
          calls: {
            scores: {
              function_name_accuracy: { value: 0.5 },
              function_name_and_args_accuracy: { value: 0.5 },
            },
          },
          said: { scores: { 'string-check': { value: 0.5 } } },
          f1: { scores: { f1_score: { value: 0.5 } } },
        },
      },
    });
  }
});

test('a completion task asks for a chat, or sends another prompt than its template says', async () => {
  const platform = await aPlatform();
  const prompts: unknown[] = [];
  const app = express().post('/v1/completions', express.json(), (req, res) => {
    prompts.push(Object(req.body).prompt);
    res.json({ choices: [{ index: 0, text: `${Object(req.body).prompt}!` }] });
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0, serves: 'a test' });
  onTestFinished(() => closeServer(server));
  await aDataset(platform, 'p', { 'rows.jsonl': [{ n: 42 }, { n: '{"a":1}' }] });
  // Given up to its version only, as live evaluations give it.
  const endpoint = { api_endpoint: { url: `${urlOf(server)}/v1`, model_id: 'm' } };
  const id = await aJob(`${platform.nemoUrl}${JOBS}`, {
    config: {
      type: 'custom',
      params: { parallelism: 1, max_tokens: 5 },
      tasks: {
        t: {
          type: 'completion',
          dataset: { files_url: 'hf://datasets/test/p/rows.jsonl' },
          params: { template: { prompt: '{{ item.n }}' } },
          metrics: {
            m: {
              type: 'string-check',
              params: { check: ['{{ sample.output_text }}', 'equals', '{{ item.n }}!'] },
            },
          },
        },
      },
    },
    target: { type: 'model', model: endpoint },
  });
  expect(await overJob(`${platform.nemoUrl}${JOBS}/${id}`)).toMatchObject({ status: 'completed' });
  expect(prompts).toEqual(['42', '{"a":1}']);
  expect((await get(`${platform.nemoUrl}${JOBS}/${id}/results`)).body).toMatchObject({
    tasks: { t: { metrics: { m: { scores: { 'string-check': { value: 1 } } } } } },
  });
});
