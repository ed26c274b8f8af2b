import { expect, test } from 'vitest';
import type { RunConfig } from '../../src/config/run-config.js';
import type { JobDetail } from '../../src/gateway/wire.js';
import { modelSlug } from '../../src/ids.js';
import { candidateWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { aDeployment } from '../support/local-platform.js';
import { expectAtRest, finished, IN_TIME, platformOf, platformState } from '../support/observe.js';
import { SMALL, startTrial, TINY, untrained } from '../support/trial-runs.js';
import { sharedWorld } from '../support/shared-world.js';

// Runs that meet on one platform: at the same time, or one after another that was terminated.

const shared = sharedWorld();
const { gate } = shared;

/** A candidate that is there without any run: nothing but the judge keeps two runs apart that try it. */
const SERVED = 'stand-in/tiny-8b';
const servedByOthers = (run: RunConfig): void => {
  untrained(run);
  for (const candidate of run.candidates)
    if (candidate.model === SERVED) candidate.deployment = { kind: 'external', url: null };
};

const JUDGE = 'stand-in-judge-70b';

const statusOf = async (workflowId: string) =>
  (await shared.world.client.workflow.getHandle(workflowId).describe()).status.name;

const judgeOf = async (id: string) =>
  (await platformOf(shared.world.nemoUrl, id)).deployments.find(({ name }) => name === JUDGE);

function expectEverySampleScored(job: JobDetail): void {
  expect(job).toMatchObject({ status: 'completed', error: null });
  expect(job.warnings.filter((warning) => !warning.startsWith('val_ratio'))).toEqual([]);
  for (const nim of job.nims) {
    expect(nim, nim.model_name).toMatchObject({ status: 'completed', error: null });
    for (const { status, counts, failed } of nim.evaluations) {
      expect(status).toBe('completed');
      expect(counts['function_name']! + counts['similarity']!).toBe(job.funnel?.evaluation);
      expect(Object.values(failed).every((n) => n === 0)).toBe(true);
    }
  }
}

const judgeStatus = async (id: string) => (await shared.world.api.job(id)).llm_judge?.deployment_status;

/** In milliseconds; the API and the platform leave out that they speak of UTC. */
const momentOf = (time: string | null | undefined): number => Date.parse(`${time}Z`);

test('two runs with the same judge and candidates take them from each other', async () => {
  await aDeployment(shared.world, SERVED);
  const evaluations = gate.hold(/^POST \/v1\/evaluation\/jobs/);
  const trial = { models: [TINY, SERVED], configure: servedByOthers };
  const ids = [await startTrial(shared.world, trial), await startTrial(shared.world, trial)];
  // One has the judge and stands before its evaluations, the other waits for the judge.
  await expect
    .poll(async () => (await Promise.all(ids.map(judgeStatus))).sort(), IN_TIME)
    .toEqual(['pending', 'ready']);
  const [first = '', second = ''] = (await judgeStatus(ids[0]!)) === 'ready' ? ids : ids.reverse();
  await evaluations.reached;
  evaluations.open();

  const jobs = [await finished(shared.world.api, first), await finished(shared.world.api, second)];
  for (const job of jobs) expectEverySampleScored(job);
  // The judge of the first goes with the first: nothing of the second may have relied on it.
  const ends = jobs[0]?.nims.flatMap((nim) => nim.evaluations.map((done) => momentOf(done.finished_at)));
  const begins = (await platformOf(shared.world.nemoUrl, second)).evaluations.map((one) =>
    momentOf(one.created_at),
  );
  expect([ends?.length, begins.length]).toEqual([4, 4]);
  expect(Math.min(...begins)).toBeGreaterThanOrEqual(Math.max(...(ends ?? [])));
  expect((await platformState(shared.world.nemoUrl)).deployments).toMatchObject([
    { name: modelSlug(SERVED) },
  ]);
});

/** A run that was terminated in the middle of its evaluations, with its candidates at their end. */
async function terminated(): Promise<string> {
  const evaluations = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const id = await startTrial(shared.world, { models: [TINY, SMALL] });
  await expect
    .poll(async () => (await platformOf(shared.world.nemoUrl, id)).evaluations.length, IN_TIME)
    .toBeGreaterThanOrEqual(4);
  await shared.world.client.workflow.getHandle(runWorkflowId(id)).terminate('a test ends it');
  evaluations.open();
  for (const model of [TINY, SMALL])
    await expect.poll(() => statusOf(candidateWorkflowId(id, model)), IN_TIME).toBe('CANCELLED');
  return id;
}

test('a terminated run leaves its candidates running, or its judge in the way of the next run', async () => {
  const dead = await terminated();
  // Nobody was there to remove the judge; the candidates have removed what is theirs.
  const { deployments } = await platformOf(shared.world.nemoUrl, dead);
  expect(deployments.map(({ name }) => name)).toEqual([JUDGE]);

  const next = await startTrial(shared.world, { models: [TINY, SMALL] });
  expectEverySampleScored(await finished(shared.world.api, next));
  for (const id of [dead, next]) await expectAtRest(shared.world.nemoUrl, id);
});

test('the deletion of a terminated job leaves deployments, datasets, models or evaluations', async () => {
  const dead = await terminated();
  expect(await judgeOf(dead)).toMatchObject({ status: 'ready' });
  const before = await platformOf(shared.world.nemoUrl, dead);
  for (const kind of ['evaluations', 'datasets', 'models', 'repositories'] as const)
    expect(before[kind], kind).not.toEqual([]);
  // Its workflow could record nothing any more: the reader does.
  expect(await shared.world.api.job(dead)).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('has ended as terminated'),
  });

  expect(await shared.world.api.call('DELETE', `/api/jobs/${dead}`)).toMatchObject({ status: 200 });
  await expect
    .poll(async () => (await shared.world.api.call('GET', `/api/jobs/${dead}`)).status, IN_TIME)
    .toBe(404);
  const { deployments, evaluations, datasets, models, repositories } = await platformOf(
    shared.world.nemoUrl,
    dead,
  );
  expect({ deployments, evaluations, datasets, models, repositories }).toEqual({
    deployments: [],
    evaluations: [],
    datasets: [],
    models: [],
    repositories: [],
  });
});
