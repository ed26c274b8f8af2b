import { expect, test } from 'vitest';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { JobDetail, JobNim } from '../../src/gateway/wire.js';
import { modelSlug } from '../../src/ids.js';
import { cancelCandidate, candidateWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import {
  deployedByUs,
  expectAtRest,
  finished,
  IN_TIME,
  platformOf,
  platformState,
} from '../support/observe.js';
import { ENDLESS, SMALL, startTrial, TINY } from '../support/trial-runs.js';
import { sharedWorld } from '../support/shared-world.js';

// What happens to one candidate is its own affair: the others go on as if it had not been there.

const shared = sharedWorld();
const { gate } = shared;

const nimOf = (job: JobDetail, model: string): JobNim => {
  const nim = job.nims.find(({ model_name }) => model_name === model);
  if (!nim) throw new Error(`${model} is not in the job`);
  return nim;
};

function expectWhole(nim: JobNim): void {
  expect(nim).toMatchObject({ status: 'completed', deployment_status: 'completed', error: null });
  expect(nim.evaluations.map(({ eval_type }) => eval_type).sort()).toEqual([
    'base-eval',
    'customized-eval',
    'icl-eval',
  ]);
  for (const { status, scores, counts, error } of nim.evaluations) {
    expect({ status, error }).toEqual({ status: 'completed', error: null });
    expect(scores).toMatchObject({ function_name: expect.any(Number), similarity: expect.any(Number) });
    expect(Object.values(counts).every((n) => n > 0)).toBe(true);
  }
  expect(nim.customizations).toMatchObject([{ status: 'completed', error: null }]);
  expect(nim.verdict).toMatchObject({ text: expect.stringContaining('production') });
}

test('one candidate that does not deploy, or cannot be trained, spoils the others', async () => {
  const [noDeployment, noTraining] = ['stand-in/fail-deploy-1b', 'stand-in/fail-training-1b'];
  const id = await startTrial(shared.world, { models: [TINY, noDeployment, noTraining] });
  const job = await finished(shared.world.api, id);

  expect(job).toMatchObject({ status: 'completed', error: null });
  expectWhole(nimOf(job, TINY));

  const undeployed = nimOf(job, noDeployment);
  expect(undeployed).toMatchObject({ status: 'failed', deployment_status: 'failed', evaluations: [] });
  expect(undeployed.error).toMatch(/Error deploying stand-in\/fail-deploy-1b: .*cannot be pulled/);
  expect(undeployed.verdict).toMatchObject({ word: 'no result', text: `no result: ${undeployed.error}` });

  const untrained = nimOf(job, noTraining);
  expect(untrained).toMatchObject({ status: 'completed', deployment_status: 'completed', error: null });
  expect(untrained.evaluations.map(({ eval_type }) => eval_type).sort()).toEqual(['base-eval', 'icl-eval']);
  for (const { scores } of untrained.evaluations)
    expect(scores).toMatchObject({ function_name: expect.any(Number), similarity: expect.any(Number) });
  expect(untrained.customizations).toMatchObject([{ status: 'failed', customized_model: null }]);
  expect(untrained.customizations[0]?.error).toMatch(
    /Error customizing stand-in\/fail-training-1b: .*stopped at step/,
  );
  await expectAtRest(shared.world.nemoUrl, id);
});

test('a candidate cancelled alone goes on training, stays deployed, or takes the run with it', async () => {
  // Nobody is evaluated, so nobody ends, before the cancelled one has been cleaned up.
  const evaluations = gate.hold(/^POST \/v1\/evaluation\/jobs/);
  const trainings = gate.hold(/^POST \/v1\/customization\/jobs/);
  const id = await startTrial(shared.world, { models: [ENDLESS, SMALL] });
  const platform = () => platformOf(shared.world.nemoUrl, id);
  const training = async () =>
    (await platform()).customizations.find(({ output_model }) => output_model.includes(modelSlug(ENDLESS)));
  const ready = async () =>
    (await platformState(shared.world.nemoUrl)).deployments
      .filter(({ status }) => status === 'ready')
      .map(({ name }) => name);
  await expect.poll(ready, IN_TIME).toEqual(expect.arrayContaining([modelSlug(ENDLESS), modelSlug(SMALL)]));
  trainings.open();
  await expect.poll(async () => (await training())?.status, IN_TIME).toBe('running');

  await shared.world.client.workflow.getHandle(runWorkflowId(id)).signal(cancelCandidate, ENDLESS);
  await expect
    .poll(async () => nimOf(await shared.world.api.job(id), ENDLESS).status, IN_TIME)
    .toBe('cancelled');
  expect(await training()).toMatchObject({ status: 'cancelled' });
  await expect.poll(() => deployedByUs(shared.world.nemoUrl), IN_TIME).not.toContain(modelSlug(ENDLESS));
  expect(await ready()).toContain(modelSlug(SMALL));

  evaluations.open();
  const job = await finished(shared.world.api, id);
  expect(job).toMatchObject({ status: 'completed', error: null });
  expect(nimOf(job, ENDLESS)).toMatchObject({ status: 'cancelled', error: 'Cancelled' });
  expect(nimOf(job, ENDLESS).customizations).toMatchObject([{ status: 'cancelled' }]);
  expectWhole(nimOf(job, SMALL));
  expect((await platform()).evaluations).toHaveLength(3);
  await expectAtRest(shared.world.nemoUrl, id);
});

test('a candidate cancelled before it began is trained or deployed all the same', async () => {
  const before = gate.requests.length;
  const datasets = gate.hold(/^POST \/v1\/datasets/);
  const id = await startTrial(shared.world, { models: [TINY, SMALL] });
  await datasets.reached;
  await shared.world.client.workflow.getHandle(runWorkflowId(id)).signal(cancelCandidate, TINY);
  datasets.open();
  const job = await finished(shared.world.api, id);

  expect(job).toMatchObject({ status: 'completed', error: null });
  expect(nimOf(job, TINY)).toMatchObject({ status: 'cancelled', evaluations: [], customizations: [] });
  expectWhole(nimOf(job, SMALL));
  const unwanted = shared.world.client.workflow.getHandle(candidateWorkflowId(id, TINY));
  await expect(unwanted.describe()).rejects.toThrow(WorkflowNotFoundError);
  // Whoever deploys a model asks first whether it is there.
  const asked = gate.requests.slice(before).filter((line) => line.includes('/model-deployments/'));
  expect(asked.filter((line) => line.endsWith(modelSlug(SMALL)))).not.toEqual([]);
  expect(asked.filter((line) => line.endsWith(modelSlug(TINY)))).toEqual([]);
  const { customizations, evaluations } = await platformOf(shared.world.nemoUrl, id);
  expect(customizations.map(({ output_model }) => output_model)).toEqual([
    expect.stringContaining(modelSlug(SMALL)),
  ]);
  expect(evaluations).toHaveLength(3);
  await expectAtRest(shared.world.nemoUrl, id);
});
