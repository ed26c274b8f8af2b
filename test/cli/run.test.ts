import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { IN_TIME, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { flywheel } from '../support/program.js';
import { startWorld, withModel, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    configure: (run) => {
      run.candidates = run.candidates.slice(0, 1);
      run.split = { ...run.split, evalSize: 20 };
    },
  });
  await world.api.importRecords(orderLogs(40));
});
afterAll(() => world.close());

const run = (workload: string, url = world.api.url) =>
  flywheel(['run', '--workload', workload, '--client', ORDERS.client, '--url', url]);

test('a job that completes is not followed to its verdict', async () => {
  const program = run(ORDERS.workload);
  expect(await program.ended(), program.output()).toBe(0);
  expect(program.output()).toMatch(
    /datasets: done[^]*customized: done[^]*candidate +experiment[^]*tiny-1b: /,
  );
}, 120_000);

const watch = (...args: string[]) => flywheel(['watch', ...args, '--url', world.api.url]);

test('a job that runs cannot be watched to its table, or its end is not told by the exit status', async () => {
  const id = await world.api.start(ORDERS.workload, ORDERS.client);
  const program = watch(id);
  expect(await program.ended(), program.output()).toBe(0);
  expect(program.output()).toMatch(/job: done[^]*candidate +experiment[^]*tiny-1b: /);

  const shown = async () => {
    const json = watch(id, '--json');
    expect(await json.ended()).toBe(0);
    return JSON.parse(json.output()) as unknown;
  };
  // One of a moment at which the store was slow says that it is a second old.
  const document = await world.api.job(id);
  delete document.stale_seconds;
  await expect.poll(shown, IN_TIME).toEqual(document);
}, 120_000);

test('a job that has failed, or is not there, is watched as if it were completed', async () => {
  const failed = watch(await world.api.start('unheard-of', ORDERS.client));
  expect(await failed.ended()).toBe(1);
  expect(failed.output()).toMatch(/job: failed\n[^]*ended as failed: /);
  const unknown = watch('ab'.repeat(12));
  expect(await unknown.ended()).toBe(2);
  expect(unknown.output()).toMatch(/^GET \S+: 404: Job not found\n$/);
}, 60_000);

test('Ctrl-C at a watch ends the job', async () => {
  const [candidate] = world.config.run.candidates;
  if (!candidate) throw new Error('the demo has no candidate');
  world.config.run.candidates = [withModel(candidate, 'stand-in/hang-training-1b')];
  const id = await world.api.start(ORDERS.workload, ORDERS.client);
  world.config.run.candidates = [candidate];
  const program = watch(id);
  await program.said(/training: running/);
  program.child.kill('SIGINT');
  expect(await program.ended(), program.output()).toBe(130);
  expect(await world.api.job(id)).toMatchObject({ status: 'running', stage: 'trying-candidates' });
  const cancelled = watch(id);
  await cancelled.said(/training: running/);
  await world.api.call('POST', `/api/jobs/${id}/cancel`);
  expect(await cancelled.ended(), cancelled.output()).toBe(130);
  expect(cancelled.output()).toMatch(/ended as cancelled/);
}, 120_000);

test('a workload that nobody has logged is reported as a completed job', async () => {
  const program = run('unheard-of');
  expect(await program.ended()).toBe(1);
  expect(program.output()).toMatch(/^Job \w+: .*\n(job: running\n)?(datasets: running\n)?job: failed\n/);
  expect(program.output()).toMatch(/\nJob \w+ ended as failed: [^\n]+\n$/);
  expect(program.output()).not.toMatch(/tiny-1b|candidate/);
}, 60_000);

test('a request that the gateway refuses is not told as wrong use', async () => {
  const { split } = world.config.run;
  world.config.run.split = { ...split, limit: 10 };
  onTestFinished(() => void (world.config.run.split = split));
  const program = run(ORDERS.workload);
  expect(await program.ended()).toBe(2);
  expect(program.output()).toMatch(/^POST \S+\/api\/jobs: 422: .*limit \(10\) cannot be less than [^\n]*\n$/);
}, 60_000);

test('a gateway that is not there is answered with a stack trace', async () => {
  const program = run(ORDERS.workload, 'http://127.0.0.1:9');
  expect(await program.ended()).toBe(1);
  expect(program.output()).toMatch(/^No gateway answers at http:\/\/127.0.0.1:9 .*`npm start`.*\n$/);
}, 60_000);

test('Ctrl-C leaves the job running', async () => {
  const [candidate] = world.config.run.candidates;
  if (!candidate) throw new Error('the demo has no candidate');
  world.config.run.candidates = [withModel(candidate, 'stand-in/hang-training-1b')];
  const program = run(ORDERS.workload);
  await program.said(/training: running/);
  program.child.kill('SIGINT');
  expect(await program.ended(), program.output()).toBe(130);
  expect(program.output()).toMatch(/Cancelling …[^]*training: cancelled\n[^]*ended as cancelled/);
  expect(program.output()).not.toMatch(/: failed/);
  const { customizations } = await platformState(world.nemoUrl);
  expect(customizations.filter(({ status }) => status === 'running')).toEqual([]);
  // Warm for a while, and then gone.
  await expect.poll(async () => (await platformState(world.nemoUrl)).deployments, IN_TIME).toEqual([]);
}, 120_000);
