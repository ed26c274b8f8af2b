import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { scheduleSweep, unscheduleSweep } from '../../activities/index.js';
import { modelSlug } from '../../src/ids.js';
import { dataQueue, gpuPoolWorkflowId, sweepScheduleId } from '../../workflows/contract.js';
import { aFolder } from '../support/local-platform.js';
import { Gate } from '../support/gate.js';
import { finished, IN_TIME, platformOf } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { sweepInput } from '../support/sweep.js';
import { SLOW, startTrial } from '../support/trial-runs.js';
import { startWorld, type World } from '../support/world.js';

vi.setConfig({ testTimeout: 180_000 });

/** Every command of Temporal's program that the page on operating tells people. */
const COMMANDS = readFileSync('docs/operating.md', 'utf8')
  .split('\n')
  .map((line) => line.replace(/ +#.*/, '').trim())
  .filter((line) => line.startsWith('temporal '));

const gate = new Gate();
let world: World;
/** For what changes nothing. */
let looked: string;
let scheduled: string;
const ScheduleBody = z.object({ id: z.string() });
beforeAll(async () => {
  world = await startWorld({ gate });
  await world.api.importRecords(orderLogs(30));
  looked = await trainingRun();
  const asked = { workload_id: ORDERS.workload, client_id: ORDERS.client, every: '52w' };
  const { body } = await world.api.call('POST', '/api/schedules', asked);
  scheduled = ScheduleBody.parse(body).id;
  const { client, taskQueue } = world;
  await scheduleSweep(client, taskQueue, 24 * 3_600_000, sweepInput(world));
});
afterAll(async () => {
  await unscheduleSweep(world.client, world.taskQueue);
  await world.close();
});

const customizations = async (id: string) => (await platformOf(world.nemoUrl, id)).customizations;

async function trainingRun(): Promise<string> {
  const id = await startTrial(world, { models: [SLOW] });
  await vi.waitUntil(async () => (await customizations(id))[0]?.status === 'running', IN_TIME);
  return id;
}

/** Tells it to a run that trains, and hears of no end of its jobs before, however slow the command is. */
async function tellWhileTraining(command: string): Promise<string> {
  const hold = gate.hold(/^GET \/v1\/(?:customization|evaluation)\/jobs\//);
  try {
    const id = await trainingRun();
    await tell(command, id);
    return id;
  } finally {
    hold.open();
  }
}

/** Runs it as it stands in the page, on this world's workflows. */
async function tell(command: string, jobId: string): Promise<string> {
  const { address, binary } = inject('temporal');
  const line = command
    .replaceAll('<job id>', jobId)
    .replaceAll('-<model>', `-${modelSlug(SLOW)}`)
    .replaceAll('<model name>', SLOW)
    .replaceAll('<workload>', ORDERS.workload)
    .replaceAll('<schedule id>', scheduled)
    .replaceAll('--workflow-id gpu-pool', `--workflow-id ${gpuPoolWorkflowId(world.taskQueue)}`)
    .replaceAll('--schedule-id sweep', `--schedule-id ${sweepScheduleId(world.taskQueue)}`)
    .replaceAll('--task-queue flywheel-data', `--task-queue ${dataQueue(world.taskQueue)}`)
    .replace(/--task-queue flywheel$/, `--task-queue ${world.taskQueue}`)
    .replaceAll('test/replay/histories', await aFolder());
  expect(line).not.toMatch(/<\w/);
  const env = {
    ...process.env,
    PATH: `${dirname(binary)}:${process.env['PATH']}`,
    TEMPORAL_ADDRESS: address,
  };
  const { stdout } = await promisify(execFile)('sh', ['-ec', line], { env });
  return stdout;
}

const CHANGES = /workflow (?:cancel|signal|reset) .*flywheel-/;
const LOOKS = COMMANDS.filter((command) => !CHANGES.test(command));

test('the page tells no commands', () => {
  expect(COMMANDS.length).toBeGreaterThan(15);
});

test.each(LOOKS)('the page tells a command that does not work: %s', async (command) => {
  await tell(command, looked);
});

test.each(COMMANDS.filter((command) => /workflow cancel .*flywheel-|--name cancel$/.test(command)))(
  'the page tells a command that does not cancel a run: %s',
  async (command) => {
    const id = await tellWhileTraining(command);
    expect(await finished(world.api, id)).toMatchObject({ status: 'cancelled' });
  },
);

test.each(COMMANDS.filter((command) => command.includes('cancelCandidate')))(
  'the page tells a command that does not cancel a candidate: %s',
  async (command) => {
    const id = await tellWhileTraining(command);
    const job = await finished(world.api, id);
    expect(job.nims).toMatchObject([{ model_name: SLOW, status: 'cancelled', error: 'Cancelled' }]);
    expect(job).toMatchObject({
      status: 'failed',
      error: `No candidate produced a result. ${SLOW}: Cancelled`,
    });
  },
);

test.each(COMMANDS.filter((command) => command.includes('workflow reset')))(
  'the page tells a command after which a run fails, or does a thing twice: %s',
  async (command) => {
    const id = await tellWhileTraining(command);
    expect(await finished(world.api, id)).toMatchObject({ status: 'completed', nims: [{ error: null }] });
    expect(await customizations(id)).toHaveLength(1);
    expect((await platformOf(world.nemoUrl, id)).evaluations).toHaveLength(3);
  },
);
