import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { expect, inject, test } from 'vitest';
import type { JobDetail } from '../../src/gateway/wire.js';
import { gpuPoolWorkflowId, sweepScheduleId } from '../../workflows/contract.js';
import { descendants, isRunning } from '../support/descendants.js';
import { aFolder } from '../support/local-platform.js';
import { aNamespace } from '../support/namespace.js';
import { orderLogs } from '../support/order-logs.js';
import { flywheel, type Program } from '../support/program.js';

const REAL_LOGS = process.env['FLYWHEEL_REAL_LOGS'];

/** The demo with a folder for its temporary files that nothing else uses. */
async function aDemo(...args: string[]): Promise<{ demo: Program; folder: string }> {
  const folder = await aFolder();
  const env = { TMPDIR: folder, TEMPORAL_CLI: inject('temporal').binary };
  return { demo: flywheel(['demo', ...args], env), folder };
}

async function aLogFile(records: object[]): Promise<string> {
  const file = join(await aFolder(), 'logs.jsonl');
  await writeFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return file;
}

async function expectWholeDemo(...args: string[]): Promise<JobDetail> {
  const json = join(await aFolder(), 'job.json');
  const { demo, folder } = await aDemo('--json', json, ...args);
  expect(await demo.ended(), demo.output()).toBe(0);
  const job = JSON.parse(await readFile(json, 'utf8')) as JobDetail;
  expect(job).toMatchObject({ status: 'completed', error: null, funnel: { shared_conversations: 0 } });
  for (const { model_name, verdict } of job.nims)
    expect(demo.output()).toContain(`${model_name}: ${verdict?.text}`);
  expect(demo.output()).toContain('tiny stand-ins');
  expect(await readdir(folder)).toEqual([]);
  return job;
}

test('a new user who tries the demo sees no verdict on three candidates', async () => {
  const { nims } = await expectWholeDemo();
  expect(nims.map(({ evaluations }) => evaluations.length)).toEqual([3, 3, 3]);
}, 240_000);

test.skipIf(!REAL_LOGS)(
  'the demo cannot take the logs of a real agent (FLYWHEEL_REAL_LOGS)',
  async () => {
    await expectWholeDemo('--logs', REAL_LOGS ?? '');
  },
  400_000,
);

test.each([/Starting/, /Job \w+/, /training: running/])(
  'Ctrl-C after %s leaves a process or a file behind',
  async (moment) => {
    const { demo, folder } = await aDemo();
    await demo.said(moment);
    const started = descendants(demo.child.pid ?? 0);
    demo.child.kill('SIGINT');
    expect(await demo.ended(), demo.output()).toBe(130);
    expect(demo.output()).toContain('Interrupted.');
    expect(started.filter(isRunning)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  },
  120_000,
);

test('a demo that is killed leaves Temporal or nemo-local running', async () => {
  const { demo } = await aDemo();
  await demo.said(/Job \w+/);
  const started = descendants(demo.child.pid ?? 0);
  expect(started.length).toBeGreaterThanOrEqual(3);
  demo.child.kill('SIGKILL');
  await expect.poll(() => started.filter(isRunning), { timeout: 30_000 }).toEqual([]);
}, 120_000);

test('the demo goes on for minutes when nemo-local has died', async () => {
  const { demo, folder } = await aDemo();
  await demo.said(/training: running/);
  const [nemoLocal] = descendants(demo.child.pid ?? 0).filter(({ command }) =>
    command.includes('nemo-local-process'),
  );
  process.kill(nemoLocal?.pid ?? NaN, 'SIGKILL');
  expect(await demo.ended()).toBe(1);
  expect(demo.output()).toContain('nemo-local is gone');
  expect(await readdir(folder)).toEqual([]);
}, 120_000);

test('a Temporal whose guard has died is left running', async () => {
  const { demo } = await aDemo();
  await demo.said(/training: running/);
  const started = descendants(demo.child.pid ?? 0);
  const [guard] = started.filter(({ command }) => command.includes('guard'));
  process.kill(guard?.pid ?? NaN, 'SIGKILL');
  expect(await demo.ended()).toBe(1);
  expect(demo.output()).toContain('Temporal is gone');
  await expect.poll(() => started.filter(isRunning), { timeout: 30_000 }).toEqual([]);
}, 120_000);

test('a Temporal that has died is told with the trouble of all that stood on it', async () => {
  const { demo, folder } = await aDemo();
  await demo.said(/training: running/);
  const [temporal] = descendants(demo.child.pid ?? 0).filter(({ command }) =>
    /^\S*temporal\S* server/.test(command),
  );
  process.kill(temporal?.pid ?? NaN, 'SIGKILL');
  expect(await demo.ended()).toBe(1);
  expect(demo.output()).toMatch(/\nTemporal is gone: its process ended \(status 1\)\n$/);
  expect(demo.output()).not.toMatch(/ERROR|did not stop|last said/);
  expect(await readdir(folder)).toEqual([]);
}, 120_000);

test('a reader that goes away, as in `demo | head`, leaves a stack trace, a process or a file', async () => {
  const { demo, folder } = await aDemo();
  await demo.said(/Starting/);
  const started = descendants(demo.child.pid ?? 0);
  const before = demo.output();
  demo.child.stdout?.destroy();
  expect(await demo.ended()).toBe(141);
  expect(demo.output()).toBe(before);
  expect(started.filter(isRunning)).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
}, 120_000);

test('a log file of several workloads is not answered with their names', async () => {
  const file = await aLogFile([...orderLogs(2), ...orderLogs(2, 'other_agent')]);
  const { demo, folder } = await aDemo('--logs', file);
  expect(await demo.ended()).toBe(2);
  expect(demo.output()).toContain("--client 'test-shop' --workload 'other_agent'   (6 records)");
  expect(await readdir(folder)).toEqual([]);
}, 60_000);

test('a workload with too few records ends the demo well', async () => {
  const { demo } = await aDemo('--logs', await aLogFile(orderLogs(3)));
  expect(await demo.ended()).toBe(1);
  const [reason] = /The job ended as failed: .*9.*\n$/.exec(demo.output()) ?? ['no reason'];
  expect(demo.output().split(reason.slice(26, -1))).toHaveLength(2);
}, 60_000);

test('a file without a line is told only after everything has been started', async () => {
  const file = await aLogFile([]);
  const { demo } = await aDemo('--logs', file);
  expect(await demo.ended()).toBe(1);
  expect(demo.output()).toBe(`${file} is empty: it has no log record\n`);
});

test.each([
  ['/nowhere/job.json', 'there is no such folder'],
  ['/', 'it is a folder; name a file in it'],
])('that %s cannot be written is told only when the result is lost', async (file, reason) => {
  const { demo } = await aDemo('--json', file);
  expect(await demo.ended()).toBe(2);
  expect(demo.output()).toBe(`--json ${file} cannot be written: ${reason}\n`);
});

test('a mistyped file name is told only after everything has been started', async () => {
  const { demo } = await aDemo('--logs', '/nowhere/logs.jsonl');
  expect(await demo.ended()).toBe(1);
  expect(demo.output()).toBe('/nowhere/logs.jsonl cannot be opened: there is no such file\n');
});

// A Temporal that was there already stays, and nobody works there for a demo that has ended.

/** The demo in a namespace of its own, once its worker has scheduled the sweep. */
async function aDemoOnATemporalThatStays(...args: string[]) {
  const temporal = await aNamespace();
  const env = {
    TMPDIR: await aFolder(),
    TEMPORAL_ADDRESS: inject('temporal').address,
    TEMPORAL_NAMESPACE: temporal.options.namespace,
  };
  const demo = flywheel(['demo', ...args], env);
  await demo.said(/Job \w+/);
  await expect.poll(() => schedulesOf(temporal), { timeout: 30_000 }).toHaveLength(1);
  const [scheduleId = ''] = await schedulesOf(temporal);
  return { temporal, demo, scheduleId, taskQueue: scheduleId.slice(sweepScheduleId('').length) };
}

async function schedulesOf(temporal: Client): Promise<string[]> {
  const ids: string[] = [];
  for await (const { scheduleId } of temporal.schedule.list()) ids.push(scheduleId);
  return ids;
}

test('Ctrl-C leaves a Schedule on a Temporal that stays', async () => {
  const { temporal, demo, scheduleId } = await aDemoOnATemporalThatStays();
  demo.child.kill('SIGINT');
  expect(await demo.ended(), demo.output()).toBe(130);
  expect(demo.output()).not.toContain('did not stop');
  await expect(temporal.schedule.getHandle(scheduleId).describe()).rejects.toThrow(/not found/i);
}, 120_000);

test('a demo that is done leaves its pool or a Schedule on a Temporal that stays', async () => {
  const { temporal, demo, scheduleId, taskQueue } = await aDemoOnATemporalThatStays();
  expect(await demo.ended(), demo.output()).toBe(0);
  await expect(temporal.schedule.getHandle(scheduleId).describe()).rejects.toThrow(/not found/i);
  const pool = await temporal.workflow.getHandle(gpuPoolWorkflowId(taskQueue)).describe();
  expect(['COMPLETED', 'TERMINATED']).toContain(pool.status.name);
}, 240_000);
