import { expect, test, vi } from 'vitest';
import { aPlatform, listedModels, post } from '../support/local-platform.js';
import { asActivity, MANAGED, platformActivities, QUICKLY } from '../support/activity-world.js';

const MODEL = 'stand-in/tiny-1b';
const input = (holder: string, model = MODEL) => ({
  namespace: 'test',
  model,
  deployment: MANAGED,
  holder,
  patience: QUICKLY,
});

test('a deployed model is not listed, or not removed by its holder', async () => {
  const platform = await aPlatform();
  const { activities, nemo } = platformActivities(platform);
  await expect(asActivity().run(activities.deployModel, input('flywheel-a'))).resolves.toEqual({
    foreign: false,
  });
  expect(await listedModels(platform)).toContain(MODEL);
  await asActivity().run(activities.undeployModel, input('flywheel-a'));
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
});

test('a second attempt deploys the model again', async () => {
  const platform = await aPlatform();
  const { activities } = platformActivities(platform);
  await asActivity().run(activities.deployModel, input('flywheel-a'));
  await expect(asActivity().run(activities.deployModel, input('flywheel-a'))).resolves.toEqual({
    foreign: false,
  });
});

test("a run removes another run's deployment, or uses it while it may be removed", async () => {
  const platform = await aPlatform();
  const { activities, nemo } = platformActivities(platform);
  await asActivity().run(activities.deployModel, input('flywheel-a'));
  await asActivity().run(activities.undeployModel, input('flywheel-b'));
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).not.toBeNull();

  const waiting = asActivity();
  const seen: string[] = [];
  waiting.environment.on('heartbeat', (progress: { status: string }) => seen.push(progress.status));
  const second = waiting.run(activities.deployModel, input('flywheel-b'));
  await vi.waitUntil(() => seen.includes('in use by flywheel-a'));
  await asActivity().run(activities.undeployModel, input('flywheel-a'));
  await expect(second).resolves.toEqual({ foreign: false });
  expect((await nemo.deployments.get('test', 'stand-in-tiny-1b'))?.holder).toBe('flywheel-b');
});

test('a deployment that somebody else made is removed', async () => {
  const platform = await aPlatform();
  const { activities, nemo } = platformActivities(platform);
  await post(`${platform.nemoUrl}/v1/deployment/model-deployments`, {
    name: 'stand-in-tiny-1b',
    namespace: 'test',
    config: { model: MODEL, nim_deployment: { image_name: 'x', image_tag: '1', gpu: 1 } },
  });
  await expect(asActivity().run(activities.deployModel, input('flywheel-a'))).resolves.toEqual({
    foreign: true,
  });
  await asActivity().run(activities.undeployModel, input('flywheel-a'));
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).not.toBeNull();
});

test('a deployment that failed is waited for, or its reason is lost', async () => {
  const platform = await aPlatform();
  const { activities } = platformActivities(platform);
  await expect(
    asActivity().run(activities.deployModel, input('flywheel-a', 'stand-in/fail-deploy-1b')),
  ).rejects.toMatchObject({ type: 'DeploymentFailed', nonRetryable: true });
});

test('a deployment without a sign of life is waited for without end', async () => {
  const platform = await aPlatform();
  const { activities } = platformActivities(platform);
  const stuck = { ...input('flywheel-a', 'stand-in/stuck-deploy-1b'), patience: { pollMs: 5, stallMs: 50 } };
  await expect(asActivity().run(activities.deployModel, stuck)).rejects.toMatchObject({ type: 'Stalled' });
});

test('answers of 503 in passing fail a deployment', async () => {
  const platform = await aPlatform();
  const { activities } = platformActivities(platform);
  await post(`${platform.nemoUrl}/admin/faults`, { pathPrefix: '/v1/deployment', status: 503, count: 3 });
  await expect(asActivity().run(activities.deployModel, input('flywheel-a'))).resolves.toEqual({
    foreign: false,
  });
});
