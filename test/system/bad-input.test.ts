import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunConfig } from '../../src/config/run-config.js';
import { expectAtRest, finished, platformOf, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { SMALL, startTrial, TINY, untrained } from '../support/trial-runs.js';
import { startWorld, type World } from '../support/world.js';

// What a run is given may be wrong: it then ends, says what was wrong where its user looks, and leaves nothing behind.

const SMALL_TALK = 'small_talk';

// For a busy machine; on another one each takes a few seconds.
vi.setConfig({ testTimeout: 180_000 });

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.api.importRecords(orderLogs(30));
  await world.api.importRecords(
    orderLogs(60, SMALL_TALK).filter(({ response }) => !JSON.stringify(response).includes('tool_calls')),
  );
});
afterAll(() => world.close());

const judgedBy = (model: string) => (run: RunConfig) => {
  run.judge = { ...run.judge, model };
};

test('a judge that does not deploy leaves a run without its reason, or models on the platform', async () => {
  const judge = 'stand-in/fail-deploy-judge-70b';
  const id = await startTrial(world, { models: [TINY, SMALL], configure: judgedBy(judge) });
  const job = await finished(world.api, id);

  const reason = expect.stringMatching(
    /Error deploying the judge stand-in\/fail-deploy-judge-70b: .*cannot be pulled/,
  );
  expect(job).toMatchObject({ status: 'failed', stage: 'finished', error: reason });
  expect(job.llm_judge).toMatchObject({ model_name: judge, deployment_status: 'failed', error: reason });
  expect(job.nims).toHaveLength(2);
  for (const nim of job.nims) {
    expect(nim, nim.model_name).toMatchObject({
      status: 'failed',
      deployment_status: 'failed',
      error: reason,
    });
    for (const step of [...nim.evaluations, ...nim.customizations])
      if (step.status !== 'completed') expect(step.error).toEqual(reason);
  }
  await expectAtRest(world.nemoUrl, id);
});

test('a judge that answers nonsense loses the scores that need none, or its lost ratings are not counted', async () => {
  const id = await startTrial(world, {
    models: [TINY],
    configure: (run) => {
      judgedBy('stand-in/nonsense-judge-70b')(run);
      untrained(run);
    },
  });
  const job = await finished(world.api, id);

  expect(job).toMatchObject({ status: 'completed', error: null });
  const [nim] = job.nims;
  expect(nim).toMatchObject({ status: 'completed', error: null });
  expect(nim?.evaluations).toHaveLength(2);
  for (const { scores, counts, failed, error } of nim?.evaluations ?? []) {
    expect(error).toBeNull();
    // What is counted without a judge is counted for every tool row; what the judge rates, for none.
    expect(Object.keys(scores).sort()).toEqual(['function_name', 'function_name_and_args_accuracy']);
    expect(counts['function_name_and_args_accuracy']).toBeGreaterThan(0);
    expect(failed['function_name_and_args_accuracy']).toBe(0);
    expect(counts).toMatchObject({ similarity: 0, tool_calling_correctness: 0 });
    expect(failed['tool_calling_correctness']).toBe(counts['function_name_and_args_accuracy']);
    expect(failed['similarity']).toBeGreaterThan(0);
    expect(counts['function_name_and_args_accuracy']! + failed['similarity']!).toBe(job.funnel?.evaluation);
  }
  const plain = nim?.evaluations[0]?.failed['similarity'];
  expect(nim?.verdict?.text).toContain(`none of ${plain} plain answers could be rated`);
  expect(nim?.verdict?.word).not.toBe('ready');
  await expectAtRest(world.nemoUrl, id);
});

test('a run that its judge rated nowhere passes for completed', async () => {
  const id = await startTrial(world, {
    models: [TINY, SMALL],
    workload: SMALL_TALK,
    configure: (run) => {
      judgedBy('stand-in/nonsense-judge-70b')(run);
      untrained(run);
    },
  });
  const job = await finished(world.api, id);

  expect(job).toMatchObject({ status: 'failed', workload_type: 'generic' });
  expect(job.error).toMatch(/^No candidate produced a result\. stand-in\/tiny-1b: .*; stand-in\/tiny-3b: /);
  const reason = expect.stringContaining('none of 15 samples could be scored');
  for (const nim of job.nims) {
    expect(nim, nim.model_name).toMatchObject({ status: 'failed', error: reason });
    expect(nim.evaluations).toMatchObject([
      { status: 'failed', scores: {}, error: reason },
      { status: 'failed', scores: {}, error: reason },
    ]);
  }
  await expectAtRest(world.nemoUrl, id);
});

test('a run whose candidates all fail does not say what each of them met', async () => {
  const [refused, unserved] = ['stand-in/no such model', 'nobody/serves-this-1b'];
  const id = await startTrial(world, {
    models: ['stand-in/fail-deploy-1b', refused, unserved],
    configure: (run) => {
      untrained(run);
      run.candidates = run.candidates.map((candidate) =>
        candidate.model === unserved
          ? { ...candidate, deployment: { kind: 'external', url: null } }
          : candidate,
      );
      // Nobody will ever serve it, so the wait for it may be given up at once.
      run.timing.evaluationStallMs = 500;
    },
  });
  const job = await finished(world.api, id);

  expect(job.nims.map(({ status, error }) => ({ status, error }))).toEqual([
    {
      status: 'failed',
      error: expect.stringMatching(/Error deploying stand-in\/fail-deploy-1b: .*cannot be pulled/),
    },
    { status: 'failed', error: expect.stringMatching(/Error deploying stand-in\/no such model: .*422/) },
    { status: 'failed', error: expect.stringMatching(/no sign of life.*waiting for nobody\/serves-this-1b/) },
  ]);
  expect(job).toMatchObject({ status: 'failed' });
  for (const { model_name, error } of job.nims) expect(job.error).toContain(`${model_name}: ${error}`);
  await expectAtRest(world.nemoUrl, id);
});

test('a run of an unknown workload does not name the workloads that its client has', async () => {
  const deployed = async () => (await platformState(world.nemoUrl)).creations.deployments;
  const before = await deployed();
  const id = await startTrial(world, { models: [TINY], workload: 'nothing_here' });
  const job = await finished(world.api, id);

  expect(job).toMatchObject({ status: 'failed', stage: 'finished', datasets: [], num_records: 0 });
  expect(job.error).toContain('A minimum of 50 records is required, but only 0 were found.');
  expect(job.error).toContain(`Client ${ORDERS.client} has no workload nothing_here, but has: `);
  expect(job.error).toContain(`${ORDERS.workload} (90)`);
  expect(job.error).toContain(`${SMALL_TALK} (60)`);
  expect(job.nims).toMatchObject([{ status: 'failed', error: job.error }]);
  const { customizations, datasets } = await platformOf(world.nemoUrl, id);
  expect({ customizations, datasets }).toEqual({ customizations: [], datasets: [] });
  expect(await deployed()).toEqual(before);
});

test('a run with too few records goes on, or does not say how many it needs', async () => {
  const id = await startTrial(world, { models: [TINY], split: { min_total_records: 1_000 } });
  const job = await finished(world.api, id);

  const reason =
    'Not enough records found for the given workload. A minimum of 1000 records is required, but only 90 were found.';
  expect(job).toMatchObject({ status: 'failed', error: reason });
  expect(job.nims).toMatchObject([{ status: 'failed', error: reason, evaluations: [], customizations: [] }]);
  await expectAtRest(world.nemoUrl, id);
});
