import { expect, test, vi } from 'vitest';
import { aPlatform, listedModels, post } from '../support/local-platform.js';
import { anOpenHolder, aTemporalClient } from '../support/holders.js';
import { asActivity, MANAGED, platformActivities, QUICKLY } from '../support/activity-world.js';

const MODEL = 'stand-in/tiny-1b';
const input = (holder: string, model = MODEL) => ({
  namespace: 'test',
  model,
  deployment: MANAGED,
  holder,
  after: null,
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

/** Runs the activity and tells what its heartbeats said. */
function watched(run: ReturnType<typeof asActivity>) {
  const seen: string[] = [];
  run.environment.on('heartbeat', (progress: { status: string }) => seen.push(progress.status));
  return seen;
}

test("a run removes another run's deployment, or uses it while it may be removed", async () => {
  const platform = await aPlatform();
  const temporal = await aTemporalClient();
  const { activities, nemo } = platformActivities(platform, temporal);
  const first = await anOpenHolder(temporal);
  await asActivity().run(activities.deployModel, input(first.id));
  await asActivity().run(activities.undeployModel, input('flywheel-b'));
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).not.toBeNull();

  const waiting = asActivity();
  const seen = watched(waiting);
  // Its patience is over long before the other lets go: that is no reason to give up.
  const impatient = { ...input('flywheel-b'), patience: { pollMs: 5, stallMs: 20 } };
  const second = waiting.run(activities.deployModel, impatient);
  await vi.waitUntil(() => seen.filter((status) => status === `in use by ${first.id}`).length > 20);
  await asActivity().run(activities.undeployModel, input(first.id));
  await expect(second).resolves.toEqual({ foreign: false });
  expect((await nemo.deployments.get('test', 'stand-in-tiny-1b'))?.holder).toBe('flywheel-b');
});

test('what a terminated run has left deployed stands in the way of the next one', async () => {
  const platform = await aPlatform();
  const temporal = await aTemporalClient();
  const { activities, nemo } = platformActivities(platform, temporal);
  const dead = await anOpenHolder(temporal);
  await asActivity().run(activities.deployModel, input(dead.id));
  await dead.end();
  await asActivity().run(activities.deployModel, input('flywheel-b'));
  expect((await nemo.deployments.get('test', 'stand-in-tiny-1b'))?.holder).toBe('flywheel-b');
});

test('a deployment of another installation is removed, or waited for without end', async () => {
  const platform = await aPlatform();
  const { activities, nemo } = platformActivities(platform, await aTemporalClient());
  await asActivity().run(activities.deployModel, input('flywheel-elsewhere'));
  const impatient = { ...input('flywheel-b'), patience: { pollMs: 5, stallMs: 50 } };
  await expect(asActivity().run(activities.deployModel, impatient)).rejects.toMatchObject({
    type: 'Stalled',
    message: expect.stringContaining('a workflow that Temporal does not know here') as string,
  });
  expect((await nemo.deployments.get('test', 'stand-in-tiny-1b'))?.holder).toBe('flywheel-elsewhere');
});

test('a run takes a model while another one has its judge, so that both may wait for ever', async () => {
  const platform = await aPlatform();
  const { activities, nemo } = platformActivities(platform);
  const judge = 'stand-in/judge-70b';
  await asActivity().run(activities.deployModel, input('flywheel-a', judge));
  const waiting = asActivity();
  const seen = watched(waiting);
  const after = { namespace: 'test', model: judge, holder: 'flywheel-b' };
  const second = waiting.run(activities.deployModel, { ...input('flywheel-b'), after });
  await vi.waitUntil(() => seen.length > 3);
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
  await asActivity().run(activities.undeployModel, input('flywheel-a', judge));
  await asActivity().run(activities.deployModel, input('flywheel-b', judge));
  await expect(second).resolves.toEqual({ foreign: false });
});

test('an outage that is longer than the patience leaves a deployment behind', async () => {
  const platform = await aPlatform();
  const { activities, nemo } = platformActivities(platform);
  await asActivity().run(activities.deployModel, input('flywheel-a'));
  await post(`${platform.nemoUrl}/admin/faults`, { pathPrefix: '/v1/deployment', status: 503, count: 30 });
  const impatient = { ...input('flywheel-a'), patience: { pollMs: 2, stallMs: 10 } };
  await asActivity().run(activities.undeployModel, impatient);
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
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
