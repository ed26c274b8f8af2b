import { expect, onTestFinished, test } from 'vitest';
import type { JobProgress } from '../../activities/contract.js';
import { completedSince } from '../../src/gateway/completed-tasks.js';
import { noAnswers, queryRun } from '../../src/gateway/live-run.js';
import { LastSaid } from '../../src/gateway/progress.js';
import { newCandidateState } from '../../src/run-record.js';
import { newCustomization } from '../../src/run-state.js';
import {
  CANDIDATE,
  candidateWorkflowId,
  CUSTOMIZATION_ACTIVITY,
  runWorkflowId,
} from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import { aGateway } from './gateway-world.js';
import { aWorker, bundleStandIns, startedJob } from './open-job.js';

bundleStandIns();

const LIMIT_MS = 10_000;

/** Workers are always heard. */
const life = {
  get heardAt() {
    return Date.now();
  },
  set heardAt(_) {},
};

test('a run is asked although its tasks wait for a worker, or a candidate that has not begun', async () => {
  const world = await aGateway();
  const stopWorker = await aWorker(world);
  const id = await startedJob(world);
  const { temporal, taskQueue, config } = world;
  const [first, second] = config.run.candidates.map(({ model }) => candidateWorkflowId(id, model));
  const answers = noAnswers(life);
  const read = async () => {
    const description = await temporal.workflow.getHandle(runWorkflowId(id)).describe();
    const query = () => queryRun(temporal, id, description, answers);
    const { candidates } = await temporal.withDeadline(Date.now() + LIMIT_MS, query);
    return candidates.map(({ customization }) => customization?.progress);
  };
  await expect.poll(read, IN_TIME).toEqual([37.5, undefined, undefined]);
  // The run takes note of its candidate's start in a second task, which may come after the candidate's own.
  const ofRun = temporal.workflow.getHandle(runWorkflowId(id));
  const tasks = async () => completedSince(temporal, await ofRun.describe(), 0);
  await expect.poll(tasks, IN_TIME).toBe(2);
  await read();
  await stopWorker();

  const handles = [runWorkflowId(id), first ?? ''].map((workflowId) =>
    temporal.workflow.getHandle(workflowId),
  );
  for (const handle of handles) await handle.signal('nothing it knows');
  const waiting = await temporal.workflow.start(CANDIDATE, { workflowId: second ?? '', taskQueue });
  onTestFinished(async () => void (await waiting.terminate()));
  expect(await read()).toEqual([37.5, undefined, undefined]);
});

test('a step that has ended loses its progress while its candidate waits for a worker, or the next one has it', () => {
  const training = () => ({
    ...newCandidateState('m'),
    customization: newCustomization('2026-01-05T10:00:00Z'),
  });
  const said = new LastSaid();
  const heartbeat = { externalId: 'cust-1', uri: 'http://nemo.test/cust-1', percent: 97 } as JobProgress;
  const state = training();
  const shown = (candidate: typeof state, ...heartbeats: [string, JobProgress][]) =>
    said.shownOn(candidate, new Map(heartbeats)).customization?.progress;
  expect(shown(state, [CUSTOMIZATION_ACTIVITY, heartbeat])).toBe(97);
  expect(shown(state)).toBe(97);
  expect(shown(training())).toBe(0);
});
