import { describe, expect, test } from 'vitest';
import type { ReportCandidateInput } from '../../activities/contract.js';
import { newEvaluation } from '../../src/run-state.js';
import { asActivity, aRunId, platformActivities, QUICKLY } from '../support/activity-world.js';
import { anAnsweringServer } from '../support/answering-server.js';
import { aDataset, aDeployment, aPlatform } from '../support/local-platform.js';
import { evaluationRows } from '../support/order-traffic.js';
import { anActivityEnvironment } from '../support/activity-environment.js';

const MODEL = 'stand-in/tiny-3b';
const JUDGE = 'stand-in/judge-70b';
const SLICE = { type: 'tool-calling', file: 'eval_data.jsonl', rows: 12, tools: true } as const;

test('a candidate is reported without intervals or differences though its samples are there', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'eval', { 'eval_data.jsonl': evaluationRows(12) });
  await aDeployment(platform, MODEL);
  await aDeployment(platform, JUDGE, 4);
  const { activities } = platformActivities(platform);
  const runId = aRunId();
  const evaluated = async (kind: 'base' | 'customized') => {
    const result = await asActivity().run(activities.runEvaluation, {
      runId,
      namespace: 'test',
      candidate: MODEL,
      kind,
      target: { model: MODEL, url: null },
      judge: { model: JUDGE, deployment: { kind: 'external', url: null } },
      dataset: 'eval',
      slices: [SLICE],
      gpus: null,
      patience: QUICKLY,
    });
    return { ...newEvaluation(kind, '2026-01-01T00:00:00Z'), ...result, status: 'completed' as const };
  };
  const evaluations = [await evaluated('base'), await evaluated('customized')];
  const report = await asActivity().run(activities.reportCandidate, {
    model: MODEL,
    target: 0.9,
    slices: [SLICE],
    evaluations,
  });
  for (const { scores } of report.evaluations)
    for (const { interval } of scores) expect(interval).not.toBeNull();
  const [base, customized] = report.evaluations;
  expect(base?.scores.map(({ difference }) => difference)).toEqual([null, null, null]);
  expect(customized?.scores[0]?.difference).toMatchObject({ value: 0, n: 12 });
  expect(report.verdict.text).toContain('of 12 tool calls');
});

describe('samples that cannot be had', () => {
  const input: ReportCandidateInput = {
    model: MODEL,
    target: 0.9,
    slices: [SLICE],
    evaluations: [
      {
        ...newEvaluation('base', '2026-01-01T00:00:00Z'),
        status: 'completed',
        jobId: 'eval-1',
        scores: [
          {
            key: 'function_name_and_args_accuracy',
            value: 0.5,
            n: 12,
            failed: 0,
            interval: null,
            difference: null,
          },
        ],
      },
    ],
  };
  async function reporting(status: number, attempt: number, scheduledTimestampMs = Date.now()) {
    const { url } = await anAnsweringServer(() => ({ status, body: { detail: 'no archive' } }));
    const { activities } = platformActivities({ nemoUrl: url, nimUrl: url, dataStoreUrl: url });
    return anActivityEnvironment({ attempt, scheduledTimestampMs }).run(activities.reportCandidate, input);
  }

  test.each([
    ['are gone', 404, 1],
    ['are not laid out as expected', 200, 1],
    ['were asked for five times', 500, 5],
    ['were waited for longer than an hour', 503, 9, Date.now() - 3_700_000],
  ])('lose the scores of a candidate when they %s', async (_when, status, attempt, since?: number) => {
    const report = await reporting(status, attempt, since);
    expect(report).toMatchObject({ evaluations: [{ scores: [{ value: 0.5, n: 12 }] }] });
  });

  test.each([1, 50])('are given up at 503 no. %i', async (attempt) => {
    await expect(reporting(503, attempt)).rejects.toMatchObject({
      type: 'evaluator.503',
      nonRetryable: false,
    });
  });
});
