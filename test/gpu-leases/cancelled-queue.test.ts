import { expect, onTestFinished, test, vi } from 'vitest';
import type { RunConfig } from '../../src/config/run-config.js';
import { candidateWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { finished, IN_TIME, platformOf } from '../support/observe.js';
import { startTrial } from '../support/trial-runs.js';
import { stateOf, waiting } from './holders.js';
import { aWorldOfRuns, expectNothingLeft } from './runs.js';

vi.setConfig({ testTimeout: 180_000 });

const AN_HOUR = 3_600_000;
/** Their trainings end only when they are stopped. */
const MODELS = ['stand-in/hang-training-1b', 'stand-in/hang-training-3b'];

/** Who waits for a job neither looks at it again nor hears that it need not, for hours. */
const deaf = (run: RunConfig): void => {
  run.timing = { ...run.timing, customizationPollMs: AN_HOUR, heartbeatTimeoutMs: 24 * AN_HOUR };
};

test('a cancelled run stops its training when its watch looks again, stays in the queue, or gets a job there', async () => {
  const world = await aWorldOfRuns({ gpuPool: { totalGpus: 1 } });
  const cancel = async (id: string) =>
    expect(await world.api.call('POST', `/api/jobs/${id}/cancel`)).toMatchObject({ status: 200 });
  const statuses = async (id: string) =>
    (await platformOf(world.nemoUrl, id)).customizations.map(({ status }) => status);

  const half = await startTrial(world, { models: MODELS, configure: deaf });
  onTestFinished(async () => {
    for (const id of [runWorkflowId(half), ...MODELS.map((model) => candidateWorkflowId(half, model))])
      await world.client.workflow
        .getHandle(id)
        .terminate()
        .catch(() => undefined);
  });
  await expect.poll(() => statuses(half), IN_TIME).toEqual(['running']);
  await waiting(world, 1);
  const whole = await startTrial(world, { models: MODELS, configure: deaf });
  await waiting(world, 3);

  await cancel(whole);
  expect(await finished(world.api, whole)).toMatchObject({ status: 'cancelled' });
  expect((await stateOf(world)).queue).toHaveLength(1);
  expect(await platformOf(world.nemoUrl, whole)).toMatchObject({ customizations: [], evaluations: [] });

  await cancel(half);
  await expect.poll(() => statuses(half), IN_TIME).toEqual(['cancelled']);
  await waiting(world, 0);
  // The watch of the stopped training still sleeps.
  expect(await world.api.job(half)).toMatchObject({ stage: 'cancelling', finished_at: null });

  for (const model of MODELS)
    await world.client.workflow
      .getHandle(candidateWorkflowId(half, model))
      .terminate()
      .catch(() => undefined);
  await expectNothingLeft(world);
});
