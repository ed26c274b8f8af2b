import { expect, test } from 'vitest';
import type { RunEvaluationInput } from '../../activities/contract.js';
import { anActivityEnvironment } from '../support/activity-environment.js';
import { aRunId, platformActivities } from '../support/activity-world.js';
import { anAnsweringServer } from '../support/answering-server.js';

const KEY = 'judge-secret-0123456789abcdef';
const JUDGE = 'judge';
const MODEL = 'model';

const EVALUATION: RunEvaluationInput = {
  runId: aRunId(),
  namespace: 'test',
  candidate: MODEL,
  kind: 'base',
  target: { model: MODEL, url: null },
  judge: { model: JUDGE, deployment: { kind: 'external', url: 'http://judge.test/v1/chat/completions' } },
  dataset: 'eval',
  slices: [{ type: 'generic', file: 'eval_data.jsonl', rows: 12, tools: false }],
  gpus: null,
  patience: { pollMs: 1, stallMs: 50 },
};

test.each([401, 503])(
  'a platform that answers %s to what it was sent, and repeats the key in it, has it written down',
  async (status) => {
    const { url, asked } = await anAnsweringServer(({ method, url, body }) => {
      if (url.startsWith('/v1/models')) return { body: { data: [{ id: MODEL }] } };
      return method === 'GET'
        ? { body: { data: [] } }
        : { status, body: { detail: `cannot take ${/"api_key":"[^"]*"/.exec(body)?.[0]}` } };
    });
    const { activities } = platformActivities(
      { nemoUrl: url, nimUrl: url, dataStoreUrl: url },
      undefined,
      KEY,
    );
    const warnings: string[] = [];
    const environment = anActivityEnvironment({}, (message) => warnings.push(message));
    const beats: unknown[] = [];
    environment.on('heartbeat', (beat: unknown) => beats.push(beat));
    const failure: unknown = await environment.run(activities.runEvaluation, EVALUATION).then(
      () => 'none',
      (error: unknown) => error,
    );
    expect(asked.some(({ body }) => body.includes(KEY))).toBe(true);
    expect(failure).toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(/cannot take "api_key":"\*\*\*"/),
    });
    expect(JSON.stringify([failure, (failure as Error).stack, warnings, beats])).not.toContain(KEY);
    expect(warnings.some((warning) => warning.endsWith('reading again'))).toBe(status === 503);
  },
);
