import { expect, test, vi } from 'vitest';
import { registerSearchAttributes } from '../../src/temporal.js';
import { aNamespace } from '../support/namespace.js';
import { finished, IN_TIME, platformOf, platformState } from '../support/observe.js';
import { sweepNow } from '../support/sweep.js';
import { startTrial, TINY, untrained } from '../support/trial-runs.js';
import { poolOf, stateOf } from './holders.js';
import { aWorldOfRuns } from './runs.js';

// Two Temporals on one platform: pools of the same name, neither of which knows the other's workflows.

vi.setConfig({ testTimeout: 240_000 });

const TRAINED = 'stand-in/hang-training-1b';

test('the first pool of a second Temporal stops the trainings of the first, or removes its deployments', async () => {
  const ours = await aWorldOfRuns({ gpuPool: { idleTtlMs: 600_000 } });
  const id = await startTrial(ours, { models: [TRAINED] });
  const training = async () =>
    (await platformOf(ours.nemoUrl, id)).customizations.map(({ status }) => status);
  await expect.poll(training, IN_TIME).toEqual(['running']);
  const deployed = async () => (await platformState(ours.nemoUrl)).deployments.map(({ name }) => name).sort();
  const before = ['stand-in-hang-training-1b', 'stand-in-judge-70b'];
  await expect.poll(deployed, IN_TIME).toEqual(before);

  const client = await aNamespace();
  await registerSearchAttributes(client);
  const theirs = await aWorldOfRuns({ beside: { world: ours, client }, gpuPool: { idleTtlMs: 600_000 } });
  await expect.poll(async () => (await stateOf(theirs)).census, IN_TIME).toBe(false);
  expect(await stateOf(theirs)).toMatchObject({ models: [], trainings: [], inUse: 0 });
  expect(await sweepNow(theirs)).toMatchObject({ reported: [], stopped: [], problems: [] });

  // It uses the other's judge, and gives up nothing but its own model.
  const another = await startTrial(theirs, { models: [TINY], configure: untrained });
  expect(await finished(theirs.api, another)).toMatchObject({ status: 'completed', error: null });
  expect(await deployed()).toEqual([...before, 'stand-in-tiny-1b']);
  expect(await sweepNow(ours)).toMatchObject({ reported: [], stopped: [], problems: [] });
  await poolOf(theirs).cancel();
  await poolOf(theirs).result();
  expect(await deployed()).toEqual(before);
  expect(await training()).toEqual(['running']);

  await ours.api.call('POST', `/api/jobs/${id}/cancel`);
  await finished(ours.api, id);
  await poolOf(ours).cancel();
  await poolOf(ours).result();
  expect(await deployed()).toEqual([]);
});
