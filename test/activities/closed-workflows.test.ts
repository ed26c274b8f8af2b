import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Client } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { lookAt } from '../../activities/look-around.js';
import { createRunActivities } from '../../activities/run-records.js';
import type { ActivityServices } from '../../activities/services.js';
import { connectClient } from '../../src/temporal.js';
import { CANDIDATE, candidateWorkflowId, FLYWHEEL_RUN, runWorkflowId } from '../../workflows/contract.js';
import { aRunId, asActivity } from '../support/activity-world.js';
import { IN_TIME } from '../support/observe.js';

// For some time after a workflow was torn down its last activity may still be under way.

const MODEL = 'stand-in/tiny-1b';
const LONG_MS = 24 * 3_600_000;

type End = (temporal: Client, runId: string) => Promise<unknown>;

const start = (
  temporal: Client,
  workflowId: string,
  limits: { workflowExecutionTimeout?: number } = {},
  type = FLYWHEEL_RUN,
) =>
  // Nobody works on it.
  temporal.workflow.start(type, { workflowId, taskQueue: `flywheel-${randomUUID()}`, ...limits });

const ENDS: [string, End][] = [
  [
    'terminated',
    async (temporal, runId) => (await start(temporal, runWorkflowId(runId))).terminate('a test ends it'),
  ],
  [
    'timed out',
    async (temporal, runId) => {
      const run = await start(temporal, runWorkflowId(runId), { workflowExecutionTimeout: 1 });
      await expect.poll(async () => (await run.describe()).status.name, IN_TIME).toBe('TIMED_OUT');
    },
  ],
];

async function ended(end: End): Promise<{ temporal: Client; runId: string }> {
  const { client: temporal, close } = await connectClient(inject('temporal').address);
  onTestFinished(close);
  const runId = aRunId();
  await end(temporal, runId);
  return { temporal, runId };
}

test.each(ENDS)('a holder that was %s is gone at once, or never', async (_, end) => {
  const { temporal, runId } = await ended(end);
  const sighted = async (id: string, graceMs: number) => {
    const workflowId = runWorkflowId(id);
    const seen = await asActivity().run((ids: string[]) => lookAt(temporal, ids, graceMs), [workflowId]);
    return seen[workflowId];
  };
  expect(await sighted(runId, LONG_MS)).toEqual({ state: 'unknown' });
  await expect.poll(() => sighted(runId, 1), IN_TIME).toEqual({ state: 'gone' });
  // Of whom Temporal knows nothing any more.
  expect(await sighted(aRunId(), LONG_MS)).toEqual({ state: 'gone' });
});

const awaiting = (temporal: Client, runId: string, graceMs: number) => {
  // What the activity does not need is not there.
  const services = { temporal, gpuPool: { settings: { graceMs } } } as ActivityServices;
  const { environment, run } = asActivity();
  const { awaitRunClosed } = createRunActivities(services);
  return { environment, closed: () => run(awaitRunClosed, { runId, models: [MODEL] }) };
};

test.each(ENDS)('a run that was %s counts as closed while it may still upload', async (_, end) => {
  const { temporal, runId } = await ended(end);
  const { environment, closed } = awaiting(temporal, runId, LONG_MS);
  const beats = once(environment, 'heartbeat').then(() => 'waits');
  const outcome = closed().then(
    () => 'closed',
    (error: unknown) => error,
  );
  expect(await Promise.race([beats, outcome])).toBe('waits');
  environment.cancel();
  expect(await outcome).toMatchObject({ name: 'CancelledFailure' });
});

test.each(ENDS)('a run that was %s is waited for less than the grace, or for ever', async (_, end) => {
  const { temporal, runId } = await ended(end);
  const graceMs = 1_000;
  await awaiting(temporal, runId, graceMs).closed();
  const { closeTime } = await temporal.workflow.getHandle(runWorkflowId(runId)).describe();
  expect(Date.now() - Number(closeTime)).toBeGreaterThan(graceMs);
});

test('a run counts as closed while a candidate of it is open, or may still begin a job', async () => {
  const { temporal, runId } = await ended(async (client, id) => {
    await (await start(client, runWorkflowId(id))).terminate('a test ends it');
    await start(client, candidateWorkflowId(id, MODEL), {}, CANDIDATE);
  });
  const graceMs = 1_000;
  const { environment, closed } = awaiting(temporal, runId, graceMs);
  const candidate = temporal.workflow.getHandle(candidateWorkflowId(runId, MODEL));
  // The run is over, the candidate is waited for.
  await expect.poll(async () => await isClosedFor(temporal, runId, graceMs), IN_TIME).toBe(true);
  const beats = once(environment, 'heartbeat').then(() => 'waits');
  const outcome = closed().then(() => 'closed');
  expect(await Promise.race([beats, outcome])).toBe('waits');
  await candidate.terminate('a test ends it');
  expect(await outcome).toBe('closed');
  const { closeTime } = await candidate.describe();
  expect(Date.now() - Number(closeTime)).toBeGreaterThan(graceMs);
});

async function isClosedFor(temporal: Client, runId: string, ms: number): Promise<boolean> {
  const { closeTime } = await temporal.workflow.getHandle(runWorkflowId(runId)).describe();
  return Date.now() - Number(closeTime) > ms;
}
