import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { RunConfig } from '../../src/config/run-config.js';
import { modelSlug } from '../../src/ids.js';
import { expect, test } from 'vitest';
import { candidateState, candidateWorkflowId } from '../../workflows/contract.js';
import { finished, IN_TIME, platformOf } from '../support/observe.js';
import { startTrial, TINY } from '../support/trial-runs.js';
import { sharedWorld } from '../support/shared-world.js';

const LONGEST = 75;

const shared = sharedWorld();
const { gate } = shared;

async function eventsOf(workflowId: string): Promise<string[]> {
  const history = await shared.world.client.workflow.getHandle(workflowId).fetchHistory();
  const { events } = JSON.parse(historyToJSON(history)) as { events: { eventType: string }[] };
  return events.map(({ eventType }) => eventType);
}

/**
 * The events by which histories are compared. How many workflow tasks there are depends on which answers meet in one, and
 * on what a busy worker let lapse; so does the order: both branches ask for GPUs at once, and whose request is taken
 * first varies.
 */
const eventsThatCount = (events: string[]) =>
  events.filter((type) => !type.startsWith('EVENT_TYPE_WORKFLOW_TASK_')).sort();

/** The platform's evaluation of that kind, once both of the baseline are there. */
async function evaluationOf(id: string, kind: string): Promise<string> {
  const both = async () => (await platformOf(shared.world.nemoUrl, id)).evaluations;
  await expect.poll(async () => (await both()).length, IN_TIME).toBe(2);
  const label = `${modelSlug(TINY)}/${kind}`;
  return (await both()).find(({ custom_fields }) => custom_fields?.['flywheel'] === label)?.id ?? '';
}

/**
 * Tries a candidate whose training begins when its baseline is over, and takes so many epochs. One thing ends at a
 * time, so that never two ends meet in one workflow task.
 */
async function trainedFor(epochs: number): Promise<{ steps: number | undefined; events: string[] }> {
  const training = gate.hold(/^POST \/v1\/customization\/jobs/);
  const evaluations = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const configure = (run: RunConfig) => {
    run.training.epochs = epochs;
  };
  const id = await startTrial(shared.world, { models: [TINY], configure });
  const candidate = shared.world.client.workflow.getHandle(candidateWorkflowId(id, TINY));
  const statuses = async () => {
    const state = await candidate.query(candidateState);
    return Object.fromEntries(state.evaluations.map(({ kind, status }) => [kind, status]));
  };

  const icl = gate.hold(new RegExp(`^GET /v1/evaluation/jobs/${await evaluationOf(id, 'icl')}`));
  evaluations.open();
  await expect.poll(statuses, IN_TIME).toEqual({ base: 'completed', icl: 'running' });
  icl.open();
  await expect
    .poll(() => candidate.query(candidateState), IN_TIME)
    .toMatchObject({ deploymentStatus: 'completed', customization: { status: 'running' } });
  training.open();
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
  expect(eventsThatCount(long.events)).toEqual(eventsThatCount(short.events));
});
