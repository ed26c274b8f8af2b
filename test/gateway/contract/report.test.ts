import { expect, test } from 'vitest';
import { runRecord } from '../../support/stores.js';
import { aGateway } from '../gateway-world.js';
import { completedRun } from '../job-records.js';

const reportOf = (id: string) => `/api/jobs/${id}/report`;

test('the report lacks a score with its uncertainty, a verdict or what every score is', async () => {
  const { call, runs } = await aGateway();
  const run = completedRun(1);
  await runs.put(run);
  const { status, body } = await call('GET', reportOf(run.runId.toUpperCase()));
  expect(status).toBe(200);
  expect(body).toEqual({
    id: run.runId,
    workload_id: 'checkout',
    client_id: 'shop',
    status: 'completed',
    started_at: '2025-01-02T03:04:05',
    finished_at: '2025-01-02T03:05:06',
    error: null,
    workload_type: 'tool_calling',
    warnings: [],
    funnel: expect.objectContaining({ read: 110, evaluation: 20 }),
    measured: 'agreement with the logged answers of production',
    nims: [
      {
        model_name: 'meta/small',
        status: 'completed',
        error: null,
        verdict: {
          ...{ word: 'undecided', experiment: 'base', target: 0.9, further_samples: 36 },
          text: 'undecided at 90 %',
        },
        evaluations: [
          {
            ...{ eval_type: 'base-eval', status: 'completed', error: null },
            scores: { function_name: 0.9 },
            counts: { function_name: 90 },
            failed: { function_name: 10 },
            intervals: { function_name: [0.82, 0.95] },
            differences: { function_name: null },
          },
        ],
      },
    ],
  });
});

test('the report of a job that repeats another does not say what has changed', async () => {
  const { call, runs } = await aGateway();
  const [before, startedAt] = [completedRun(1).runId, '2025-01-01T00:00:00.000Z'];
  await runs.put(completedRun(2, { comparison: { runId: before, startedAt, candidates: [] } }));
  const { body } = await call('GET', reportOf(completedRun(2).runId));
  expect(body.comparison).toEqual({ job_id: before, started_at: '2025-01-01T00:00:00', nims: [] });
});

test('a job that has failed before it measured anything has no report', async () => {
  const { call, runs } = await aGateway();
  const over = { status: 'failed', stage: 'finished', finishedAt: '2025-01-02T03:05:06.000Z' } as const;
  await runs.put(runRecord(1, { ...over, error: 'too few records', candidates: [] }));
  const { status, body } = await call('GET', reportOf(runRecord(1).runId));
  expect([status, body]).toMatchObject([200, { status: 'failed', error: 'too few records', nims: [] }]);
});

test('a job has a report before it has ended, or one without a job', async () => {
  const { call, runs } = await aGateway();
  const { runId } = runRecord(1);
  await runs.put(runRecord(1, { status: 'running', stage: 'trying-candidates' }));
  const detail = expect.stringMatching(/^The job has not ended yet: /);
  expect(await call('GET', reportOf(runId))).toMatchObject({ status: 409, body: { detail } });
  const unknown = await call('GET', reportOf('0'.repeat(24)));
  expect([unknown.status, unknown.text]).toEqual([404, '{"detail":"Job not found"}']);
  const malformed = await call('GET', reportOf('x'));
  expect([malformed.status, malformed.text]).toEqual([400, '{"detail":"Invalid job_id format"}']);
});
