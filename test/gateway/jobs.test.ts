import { describe, expect, test } from 'vitest';
import { DELETE_RUN, deleteWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { runNumber, runRecord } from '../support/stores.js';
import { aGateway, JOB } from './gateway-world.js';
import { completedRun, triedCandidate } from './job-records.js';

const UNKNOWN = 'ab'.repeat(12);

describe('the document of a job', () => {
  test('has other keys, another order or other values than the blueprint says', async () => {
    const { call, runs } = await aGateway();
    const run = completedRun(0xabc);
    await runs.put(run);
    const { status, body } = await call('GET', `/api/jobs/${run.runId.toUpperCase()}`);
    expect(status).toBe(200);
    const { llm_judge, nims, datasets, funnel, ...job } = body;
    expect(Object.entries(job)).toEqual(
      Object.entries({
        id: run.runId,
        workload_id: 'checkout',
        client_id: 'shop',
        status: 'completed',
        started_at: '2025-01-02T03:04:05',
        finished_at: '2025-01-02T03:05:06',
        num_records: 100,
        error: null,
        stage: 'finished',
        workload_type: 'tool_calling',
        warnings: [],
        embedding_model: null,
      }),
    );
    expect(Object.keys(body).slice(7, 11)).toEqual(['llm_judge', 'nims', 'datasets', 'error']);
    expect(JSON.stringify(llm_judge)).toBe(
      '{"model_name":"meta/judge","type":"local","deployment_status":"ready","error":null}',
    );
    expect(JSON.stringify(datasets)).toBe(
      '[{"name":"flywheel-eval-checkout-1","num_records":20,"nmp_uri":"hf://datasets/a/b"}]',
    );
    expect(funnel).toMatchObject({
      read: 110,
      beyond_limit: 0,
      shared_conversations: 0,
      seed: 7,
      examples: { duplicates: ['b'], conflicts: [], beyond_limit: [] },
      untrained: [{ reason: 'low reward', count: 2 }],
      near_duplicates: { clusters: 1, records: 4 },
    });
    expect(Object.keys(nims[0])).toEqual([
      'model_name',
      'status',
      'deployment_status',
      'runtime_seconds',
      'evaluations',
      'customizations',
      'error',
      'verdict',
    ]);
    expect(nims[0]).toMatchObject({
      runtime_seconds: 60.5,
      verdict: { word: 'undecided', further_samples: 36 },
    });
  });

  test('shows an evaluation or a customization in another form', async () => {
    const { call, runs } = await aGateway();
    const run = completedRun(1);
    await runs.put(run);
    const [nim] = (await call('GET', `/api/jobs/${run.runId}`)).body.nims;
    expect(Object.entries(nim.evaluations[0])).toEqual(
      Object.entries({
        eval_type: 'base-eval',
        scores: { function_name: 0.9 },
        started_at: '2025-01-02T03:04:05.123000',
        finished_at: '2025-01-02T03:04:35.123000',
        runtime_seconds: 30,
        progress: 100,
        nmp_uri: 'http://nemo.test/v1/evaluation/jobs/eval-1',
        mlflow_uri: null,
        error: null,
        status: 'completed',
        counts: { function_name: 90 },
        failed: { function_name: 10 },
        intervals: { function_name: [0.82, 0.95] },
        differences: { function_name: null },
      }),
    );
    expect(Object.entries(nim.customizations[0])).toEqual(
      Object.entries({
        started_at: '2025-01-02T03:04:05',
        finished_at: '2025-01-02T03:04:15',
        runtime_seconds: 10,
        progress: 40,
        epochs_completed: 1,
        steps_completed: 8,
        nmp_uri: 'http://nemo.test/v1/customization/jobs/cust-1',
        customized_model: null,
        error: 'out of memory',
        status: 'failed',
        train_loss: 0.5,
        validation_loss: null,
      }),
    );
  });

  test('of a job that nobody has begun shows candidates, or hides that no worker is there', async () => {
    const { call } = await aGateway();
    const { body } = await call('POST', '/api/jobs', JOB);
    const job = await call('GET', `/api/jobs/${body.id}`);
    expect(job.body).toMatchObject({ status: 'pending', llm_judge: null, nims: [], num_records: 0 });
    expect(job.body.stale_seconds).toBeGreaterThanOrEqual(0);
  });
});

describe('an id', () => {
  test.each([
    ['GET', '', 'Job not found'],
    ['POST', '/cancel', `Job with ID ${UNKNOWN} not found`],
    ['DELETE', '', `Job with ID ${UNKNOWN} not found`],
  ])('that is malformed or unknown is answered otherwise by %s', async (method, tail, detail) => {
    const { call } = await aGateway();
    const malformed = await call(method, `/api/jobs/invalid_id${tail}`);
    expect([malformed.status, malformed.text]).toEqual([400, '{"detail":"Invalid job_id format"}']);
    const unknown = await call(method, `/api/jobs/${UNKNOWN}${tail}`);
    expect([unknown.status, unknown.text]).toEqual([404, JSON.stringify({ detail })]);
  });
});

describe('the list of jobs', () => {
  test('has other keys or another order than the blueprint says', async () => {
    const { call, runs } = await aGateway();
    expect((await call('GET', '/api/jobs')).text).toBe('{"jobs":[]}');
    await runs.put(runRecord(2));
    await runs.put(completedRun(1));
    const { body } = await call('GET', '/api/jobs');
    expect(Object.keys(body)).toEqual(['jobs']);
    expect(body.jobs.map(runNumber)).toEqual([2, 1]);
    expect(Object.keys(body.jobs[0])).toEqual([
      'id',
      'workload_id',
      'client_id',
      'status',
      'started_at',
      'finished_at',
      'datasets',
      'error',
      'stage',
    ]);
  });

  test('ignores a filter, or loses jobs between pages', async () => {
    const { call, runs } = await aGateway();
    for (let n = 1; n <= 5; n++) await runs.put(completedRun(n));
    await runs.put(runRecord(6, { clientId: 'other' }));
    const ids: number[] = [];
    let next = '';
    do {
      const { body } = await call('GET', `/api/jobs?status=completed&client_id=shop&limit=2${next}`);
      ids.push(...body.jobs.map(runNumber));
      next = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    } while (next);
    expect(ids).toEqual([5, 4, 3, 2, 1]);
  });

  test.each([
    ['status=gone', 'status', 'enum'],
    ['limit=0', 'limit', 'greater_than_equal'],
    ['limit=10001', 'limit', 'less_than_equal'],
    ['limit=9223372036854775807', 'limit', 'int_parsing_size'],
    ['limit=two', 'limit', 'int_parsing'],
    ['cursor=zzz', 'cursor', 'value_error'],
    [`cursor=${Buffer.from(`${'9'.repeat(30)} a`).toString('base64url')}`, 'cursor', 'value_error'],
  ])('takes %s', async (query, key, type) => {
    const { call } = await aGateway();
    const answer = await call('GET', `/api/jobs?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { detail: [{ type, loc: ['query', key] }] } });
  });
});

describe('deleting a job', () => {
  test('that still runs is begun', async () => {
    const { call, runs } = await aGateway();
    await runs.put(runRecord(1));
    const answer = await call('DELETE', `/api/jobs/${runRecord(1).runId}`);
    const detail = 'Cannot delete a running job. Please cancel the job first.';
    expect([answer.status, answer.text]).toEqual([400, JSON.stringify({ detail })]);
  });

  test('is refused when its workflow has closed, but nobody recorded its end', async () => {
    const { call, runs, temporal, taskQueue } = await aGateway();
    const { body } = await call('POST', '/api/jobs', JOB);
    await temporal.workflow.getHandle(runWorkflowId(body.id)).terminate('a test ends it');
    expect((await runs.get(body.id))?.finishedAt).toBeNull();
    expect((await call('DELETE', `/api/jobs/${body.id}`)).status).toBe(200);
    const workflow = await temporal.workflow.getHandle(deleteWorkflowId(body.id)).describe();
    expect(workflow).toMatchObject({ type: DELETE_RUN, taskQueue });
  });

  test('that has finished starts no deletion, or two', async () => {
    const { call, runs, temporal } = await aGateway();
    // An id of its own: the Temporal server is shared.
    const run = completedRun(Date.now(), { config: { ...runRecord(1).config, candidates: [] } });
    await runs.put(run);
    const path = `/api/jobs/${run.runId}`;
    const answers = [await call('DELETE', path), await call('DELETE', path)];
    const message = 'Job deletion started. Resources will be cleaned up in the background.';
    for (const { status, text } of answers)
      expect([status, text]).toEqual([200, JSON.stringify({ id: run.runId, message })]);
    const workflow = await temporal.workflow.getHandle(deleteWorkflowId(run.runId)).describe();
    expect(workflow.type).toBe(DELETE_RUN);
  });
});

test('cancelling a finished job is accepted', async () => {
  const { call, runs } = await aGateway();
  await runs.put(completedRun(1, { candidates: [triedCandidate] }));
  const answer = await call('POST', `/api/jobs/${completedRun(1).runId}/cancel`);
  const detail = 'Cannot cancel a job that has already finished.';
  expect([answer.status, answer.text]).toEqual([400, JSON.stringify({ detail })]);
});

describe('a request of another kind', () => {
  test.each([
    ['GET', '/nope', 404, { detail: 'Not Found' }],
    ['GET', '/', 404, { detail: 'Not Found' }],
    ['PUT', '/api/jobs', 405, { detail: 'Method Not Allowed' }],
    ['GET', `/api/jobs/${UNKNOWN}/cancel`, 405, { detail: 'Method Not Allowed' }],
    ['GET', '/api/logs', 405, { detail: 'Method Not Allowed' }],
    ['GET', '/api/jobs/%ff', 400, { detail: expect.stringMatching(/no valid URL/) }],
  ])('%s %s is answered otherwise', async (method, path, status, body) => {
    const answer = await (await aGateway()).call(method, path);
    expect(answer).toMatchObject({ status, body });
    expect(answer.text).not.toMatch(/\bat .*\.[jt]s:/);
  });

  test.each([
    ['POST', '/api/jobs/', '/api/jobs'],
    ['GET', `/api/jobs/${UNKNOWN}/?a=1`, `/api/jobs/${UNKNOWN}?a=1`],
  ])('%s %s is not redirected', async (method, path, location) => {
    const answer = await (await aGateway()).call(method, path);
    expect([answer.status, answer.headers.get('location')]).toEqual([307, location]);
  });
});
