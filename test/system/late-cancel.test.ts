import { afterEach, expect, test } from 'vitest';
import { keywordKey } from '../../src/search-attributes.js';
import { candidateWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { anAnsweringServer } from '../support/answering-server.js';
import { send } from '../support/local-platform.js';
import { deployedByUs, expectAtRest, finished, IN_TIME, platformOf } from '../support/observe.js';
import { ENDLESS, startTrial, TINY, untrained } from '../support/trial-runs.js';
import { sharedWorld } from '../support/shared-world.js';

// A cancellation that comes at an awkward moment, or meets a platform that does not obey.

const shared = sharedWorld();
afterEach(async () => {
  await send('DELETE', `${shared.world.nemoUrl}/admin/faults`);
});

const cancelled = { status: 'cancelled', error: 'Job cancelled by user' };

const workflow = (id: string) => shared.world.client.workflow.getHandle(id).describe();

/** Resolves when a workflow knows that it is to end. */
const toldToEnd = (id: string) =>
  expect.poll(async () => (await workflow(id)).raw.workflowExtendedInfo?.cancelRequested, IN_TIME).toBe(true);

/** Resolves with the job when the platform trains. */
async function inTraining(id: string): Promise<string | undefined> {
  const training = async () => (await platformOf(shared.world.nemoUrl, id)).customizations[0];
  await expect.poll(async () => (await training())?.status, IN_TIME).toBe('running');
  return (await training())?.id;
}

async function expectCancelled(id: string): Promise<void> {
  await expect.poll(async () => (await workflow(id)).status.name, IN_TIME).toBe('CANCELLED');
  const { typedSearchAttributes } = await workflow(id);
  expect(typedSearchAttributes.get(keywordKey('FlywheelStatus'))).toBe('cancelled');
}

test('a candidate that is cancelled while it trains loses what was measured', async () => {
  const id = await startTrial(shared.world, { models: [ENDLESS] });
  const candidate = candidateWorkflowId(id, ENDLESS);
  await expect
    .poll(
      async () => (await shared.world.api.job(id)).nims[0]?.evaluations.map(({ status }) => status),
      IN_TIME,
    )
    .toEqual(['completed', 'completed']);
  await inTraining(id);
  await shared.world.api.call('POST', `/api/jobs/${id}/cancel`);
  await toldToEnd(candidate);
  const job = await finished(shared.world.api, id);

  expect(job).toMatchObject(cancelled);
  const [nim] = job.nims;
  expect(nim).toMatchObject({ status: 'cancelled', error: 'Flywheel run cancelled' });
  expect(nim?.evaluations.map(({ eval_type }) => eval_type).sort()).toEqual(['base-eval', 'icl-eval']);
  for (const { status, scores, counts, error } of nim?.evaluations ?? []) {
    expect({ status, error }).toEqual({ status: 'completed', error: null });
    expect(scores).toMatchObject({ function_name: expect.any(Number), similarity: expect.any(Number) });
    expect(Object.values(counts).every((n) => n > 0)).toBe(true);
  }
  expect(nim?.customizations).toMatchObject([{ status: 'cancelled', error: 'Flywheel run cancelled' }]);
  await expectCancelled(candidate);
  await expectCancelled(runWorkflowId(id));
  await expectAtRest(shared.world.nemoUrl, id);
});

test('a run cancelled while it evaluates leaves its evaluations running', async () => {
  // A judge that never answers: no evaluation ends by itself.
  const judge = await anAnsweringServer(() => null);
  const id = await startTrial(shared.world, {
    models: [TINY],
    configure: (run) => {
      untrained(run);
      run.judge = {
        model: 'somewhere/judge',
        deployment: { kind: 'external', url: `${judge.url}/v1/chat/completions` },
      };
    },
  });
  const statuses = async () =>
    (await platformOf(shared.world.nemoUrl, id)).evaluations.map(({ status }) => status);
  await expect.poll(statuses, IN_TIME).toEqual(['running', 'running']);
  await shared.world.api.call('POST', `/api/jobs/${id}/cancel`);
  const job = await finished(shared.world.api, id);

  expect(job).toMatchObject(cancelled);
  expect(job.nims).toMatchObject([
    { status: 'cancelled', evaluations: [{ status: 'cancelled', scores: {} }, { status: 'cancelled' }] },
  ]);
  expect(await statuses()).toEqual(['cancelled', 'cancelled']);
  await expectAtRest(shared.world.nemoUrl, id);
});

test('a training that the platform refuses to stop keeps its run from ending, or nobody is told', async () => {
  const id = await startTrial(shared.world, { models: [ENDLESS] });
  const jobId = await inTraining(id);
  await send('POST', `${shared.world.nemoUrl}/admin/faults`, {
    pathPrefix: `/v1/customization/jobs/${jobId}/cancel`,
    status: 403,
    count: 1_000,
  });
  await shared.world.api.call('POST', `/api/jobs/${id}/cancel`);
  const job = await finished(shared.world.api, id);

  expect(job).toMatchObject(cancelled);
  expect(job.nims).toMatchObject([{ status: 'cancelled', customizations: [{ status: 'cancelled' }] }]);
  expect(job.nims[0]?.error).toMatch(
    /The customization of stand-in\/hang-training-1b could not be stopped and may still run on the platform: .*403/,
  );
  await expect.poll(() => deployedByUs(shared.world.nemoUrl), IN_TIME).toEqual([]);
  await expectCancelled(candidateWorkflowId(id, ENDLESS));
  await expectCancelled(runWorkflowId(id));
});
