import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { RunConfig } from '../../src/config/run-config.js';
import { modelSlug } from '../../src/ids.js';
import { expect, test } from 'vitest';
import { candidateState, candidateWorkflowId } from '../../workflows/contract.js';
import { deployedByUs, finished, IN_TIME, platformOf } from '../support/observe.js';
import { ENDLESS, startTrial, TINY } from '../support/trial-runs.js';
import { configurePool } from '../../activities/index.js';
import { waiting } from '../gpu-leases/holders.js';
import { judgedBy } from '../gpu-leases/runs.js';
import { sharedWorld } from '../support/shared-world.js';
import { Troubles } from '../support/troubles.js';

const LONGEST = 75;

const troubles = new Troubles();
// The pool asks nobody what it holds: that would be such a query.
const shared = sharedWorld({ between: troubles.between, gpuPool: { passIntervalMs: 3_600_000 } });
const { gate } = shared;

async function eventsOf(workflowId: string): Promise<string[]> {
  const history = await shared.world.client.workflow.getHandle(workflowId).fetchHistory();
  const { events } = JSON.parse(historyToJSON(history)) as { events: { eventType: string }[] };
  return events.map(({ eventType }) => eventType);
}

const QUESTION = /(MARKER_RECORDED|TIMER_STARTED)$/;

/**
 * What happened, in order. Workflow tasks say nothing: a busy worker lets them lapse, or keeps one open by another. Two
 * questions that are asked at once are recorded in either order, and so are the waits for their answers.
 */
function happenings(events: string[]): string[] {
  const steps: string[][] = [[]];
  for (const type of events.filter((each) => !each.includes('WORKFLOW_TASK_'))) {
    const goesOn = QUESTION.test(type) && QUESTION.test(steps.at(-1)?.at(-1) ?? '');
    if (!goesOn) steps.push([]);
    steps.at(-1)?.push(type);
  }
  return steps.flatMap((step) => step.sort());
}

/** The platform's evaluation of that kind, once both of the baseline are there. */
async function evaluationOf(id: string, kind: string): Promise<string> {
  const both = async () => (await platformOf(shared.world.nemoUrl, id)).evaluations;
  await expect.poll(async () => (await both()).length, IN_TIME).toBe(2);
  const label = `${modelSlug(TINY)}/${kind}`;
  return (await both()).find(({ custom_fields }) => custom_fields?.['flywheel'] === label)?.id ?? '';
}

/**
 * Tries a candidate whose models are deployed when its training has its GPUs, and whose training begins when its baseline
 * is over, and takes so many epochs. One thing happens at a time, so that never two answers meet in one workflow task, and
 * nobody asks it anything while it does something: a query may split a workflow task.
 */
async function trainedFor(epochs: number): Promise<{ steps: number | undefined; events: string[] }> {
  await expect.poll(() => deployedByUs(shared.world.nemoUrl), IN_TIME).toEqual([]);
  const deployments = gate.hold(/^POST \/v1\/deployment\/model-deployments/);
  const training = gate.hold(/^POST \/v1\/customization\/jobs/);
  const evaluations = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const configure = (run: RunConfig) => {
    run.training.epochs = epochs;
  };
  // Its training hears of its GPUs when its baseline has asked too: which comes first, nobody says.
  const letters = troubles.holds('sendLetters', /\/training\//, 'before');
  const id = await startTrial(shared.world, { models: [TINY], configure });
  const candidate = shared.world.client.workflow.getHandle(candidateWorkflowId(id, TINY));
  const recorded = async (event: string) =>
    (await eventsOf(candidate.workflowId)).filter((type) => type === `EVENT_TYPE_${event}`).length;
  await expect.poll(() => recorded('MARKER_RECORDED'), IN_TIME).toBe(2);
  letters.lift();
  await training.reached;
  deployments.open();
  const statuses = async () => {
    const state = await candidate.query(candidateState);
    return Object.fromEntries(state.evaluations.map(({ kind, status }) => [kind, status]));
  };

  const icl = gate.hold(new RegExp(`^GET /v1/evaluation/jobs/${await evaluationOf(id, 'icl')}`));
  evaluations.open();
  await expect.poll(() => recorded('ACTIVITY_TASK_COMPLETED'), IN_TIME).toBe(1);
  expect(await statuses()).toEqual({ base: 'completed', icl: 'running' });
  icl.open();
  // Two requests for GPUs, and one release.
  await expect.poll(() => recorded('MARKER_RECORDED'), IN_TIME).toBe(3);
  expect(await candidate.query(candidateState)).toMatchObject({
    deploymentStatus: 'completed',
    customization: { status: 'running' },
  });
  training.open();
  await candidate.result();
  const job = await finished(shared.world.api, id);

  expect(job).toMatchObject({ status: 'completed', error: null });
  expect(job.nims[0]?.evaluations).toHaveLength(3);
  const [customization] = job.nims[0]?.customizations ?? [];
  return { steps: customization?.steps_completed, events: await eventsOf(candidate.workflowId) };
}

test('the history of a candidate grows with its training', async () => {
  const short = await trainedFor(1);
  const long = await trainedFor(50);
  expect(long.steps).toBe(50 * (short.steps ?? NaN));
  expect(short.events.length).toBeLessThanOrEqual(LONGEST);
  expect(long.events.length).toBeLessThanOrEqual(LONGEST);
  expect(happenings(long.events)).toEqual(happenings(short.events));
});

const OTHERS = 5;

async function limitGpus(totalGpus: number | null): Promise<void> {
  const { client, taskQueue, gpuPool } = shared.world;
  await configurePool(client, taskQueue, { ...gpuPool, settings: { ...gpuPool.settings, totalGpus } });
}

async function cancelled(id: string): Promise<void> {
  await shared.world.api.call('POST', `/api/jobs/${id}/cancel`);
  expect(await finished(shared.world.api, id)).toMatchObject({ status: 'cancelled' });
}

test('the history of a candidate that waits for GPUs grows with what happens in the queue', async () => {
  await expect.poll(() => deployedByUs(shared.world.nemoUrl), IN_TIME).toEqual([]);
  await limitGpus(1);
  const trial = (model: string) => startTrial(shared.world, { models: [model], configure: judgedBy(model) });
  const first = await trial(ENDLESS);
  // Its evaluations wait for its training.
  await waiting(shared.world, 1);
  const second = await trial(TINY);
  await waiting(shared.world, 3);
  const candidate = candidateWorkflowId(second, TINY);
  const asked = async () => (await eventsOf(candidate)).filter((type) => QUESTION.test(type)).length;
  // Each of its two requests; before the second a pause.
  await expect.poll(asked, IN_TIME).toBe(3);
  const before = await eventsOf(candidate);
  for (let i = 0; i < OTHERS; i++) {
    const other = await trial(TINY);
    await waiting(shared.world, 5);
    await cancelled(other);
  }
  await waiting(shared.world, 3);
  expect(await eventsOf(candidate)).toEqual(before);

  await cancelled(first);
  expect(await finished(shared.world.api, second)).toMatchObject({ status: 'completed', error: null });
  expect((await eventsOf(candidate)).length).toBeLessThanOrEqual(LONGEST);
  await limitGpus(null);
});
