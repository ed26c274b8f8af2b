import { expect, test } from 'vitest';
import type { ModelNeed } from '../../src/gpu-pool.js';
import { deployingPool } from '../../activities/installation.js';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { anAnsweringServer, type Answering } from '../support/answering-server.js';
import { aPlatform, listedModels, post } from '../support/local-platform.js';
import { aNamespace } from '../support/namespace.js';
import { platformState } from '../support/observe.js';
import { asActivity, aTemporal, MANAGED, platformActivities, QUICKLY } from '../support/activity-world.js';

const MODEL = 'stand-in/tiny-1b';
const need = (model = MODEL, tag = '1'): ModelNeed => ({
  model,
  namespace: 'test',
  deployment: { ...MANAGED, tag },
});
const input = (holder: string, needed = need()) => ({
  need: needed,
  pool: 'gpu-pool',
  holder,
  patience: QUICKLY,
});
const OURS = { foreign: false };

async function aWorld(temporal = aTemporal(), shared?: NemoLocal) {
  const platform = shared ?? (await aPlatform());
  const { activities, nemo } = platformActivities(platform, temporal);
  return {
    platform,
    nemo,
    deploy: (given: ReturnType<typeof input>) => asActivity().run(activities.deployModel, given),
    undeploy: (given: ReturnType<typeof input>) => asActivity().run(activities.undeployModel, given),
    /** The pool as a deployment names it. */
    pool: (id = 'gpu-pool') => deployingPool(temporal, id),
    owner: async () => (await nemo.deployments.get('test', 'stand-in-tiny-1b'))?.owner,
  };
}

test('a deployed model is not listed, or not removed', async () => {
  const { platform, deploy, undeploy, nemo } = await aWorld();
  await expect(deploy(input('served-a'))).resolves.toEqual(OURS);
  expect(await listedModels(platform)).toContain(MODEL);
  await undeploy(input('served-a'));
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
});

test('a second attempt deploys again', async () => {
  const { platform, deploy, owner } = await aWorld();
  const attempt = input('served-a');
  await deploy(attempt);
  await expect(deploy(attempt)).resolves.toEqual(OURS);
  expect((await owner())?.holder).toBe('served-a');
  const { deployments, creations } = await platformState(platform.nemoUrl);
  expect(deployments).toMatchObject([{ name: 'stand-in-tiny-1b', status: 'ready' }]);
  expect(creations.deployments).toEqual({ 'test/stand-in-tiny-1b': 1 });
});

test('what another served model left is deployed again instead of adopted', async () => {
  const { deploy, owner } = await aWorld();
  await deploy(input('served-a'));
  await expect(deploy(input('served-b'))).resolves.toEqual(OURS);
  expect((await owner())?.holder).toBe('served-a');
});

test('a deployment with another tag, or one that failed before, is adopted', async () => {
  const { deploy, owner } = await aWorld();
  await deploy(input('served-a'));
  await deploy(input('served-b', need(MODEL, 'newer')));
  expect((await owner())?.holder).toBe('served-b');

  const failing = need('stand-in/fail-deploy-1b');
  await expect(deploy(input('served-a', failing))).rejects.toMatchObject({ type: 'DeploymentFailed' });
  await expect(deploy(input('served-b', failing))).rejects.toMatchObject({ type: 'DeploymentFailed' });
});

test("another installation's deployment is removed, or not used", async () => {
  const { deploy, undeploy, owner, nemo, pool } = await aWorld();
  await deploy({ ...input('served-a'), pool: 'gpu-pool-of-others' });
  await expect(deploy(input('served-b', need(MODEL, 'newer')))).resolves.toEqual({ foreign: true });
  await undeploy(input('served-b'));
  expect((await owner())?.pool).toBe('gpu-pool-of-others');
  expect(await nemo.deployments.ofPool(await pool())).toEqual([]);
  expect(await nemo.deployments.ofPool(await pool('gpu-pool-of-others'))).toEqual([need()]);
});

test('a pool of the same name in another Temporal replaces, removes or counts what is not its own', async () => {
  const ours = await aWorld();
  const theirs = await aWorld(await aNamespace(), ours.platform);
  await ours.deploy(input('served-a'));
  await expect(theirs.deploy(input('served-b', need(MODEL, 'newer')))).resolves.toEqual({ foreign: true });
  await theirs.undeploy(input('served-b'));
  const { installation } = await ours.pool();
  expect(await ours.owner()).toMatchObject({ installation, holder: 'served-a' });
  expect(await ours.nemo.deployments.ofPool(await theirs.pool())).toEqual([]);
  expect(await ours.nemo.deployments.ofPool(await ours.pool())).toEqual([need()]);
  await ours.undeploy(input('served-a'));
  expect(await ours.nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
});

test('an outage that is longer than the patience leaves a deployment behind', async () => {
  const { platform, deploy, undeploy, nemo } = await aWorld();
  await deploy(input('served-a'));
  await post(`${platform.nemoUrl}/admin/faults`, { pathPrefix: '/v1/deployment', status: 503, count: 30 });
  await undeploy({ ...input('served-a'), patience: { pollMs: 2, stallMs: 10 } });
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
});

test('a deployment that somebody else made is removed', async () => {
  const { platform, deploy, undeploy, nemo } = await aWorld();
  await post(`${platform.nemoUrl}/v1/deployment/model-deployments`, {
    name: 'stand-in-tiny-1b',
    namespace: 'test',
    config: { model: MODEL, nim_deployment: { image_name: 'x', image_tag: '1', gpu: 1 } },
  });
  await expect(deploy(input('served-a'))).resolves.toEqual({ foreign: true });
  await undeploy(input('served-a'));
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).not.toBeNull();
});

test('a deployment that failed is waited for, or its reason is lost', async () => {
  const { deploy } = await aWorld();
  await expect(deploy(input('served-a', need('stand-in/fail-deploy-1b')))).rejects.toMatchObject({
    type: 'DeploymentFailed',
    nonRetryable: true,
    message: expect.stringContaining('cannot be pulled') as string,
  });
});

test('a deployment without a sign of life is waited for without end', async () => {
  const { deploy } = await aWorld();
  const stuck = {
    ...input('served-a', need('stand-in/stuck-deploy-1b')),
    patience: { pollMs: 5, stallMs: 50 },
  };
  await expect(deploy(stuck)).rejects.toMatchObject({ type: 'Stalled' });
});

test('answers of 503 in passing fail a deployment', async () => {
  const { platform, deploy } = await aWorld();
  await post(`${platform.nemoUrl}/admin/faults`, { pathPrefix: '/v1/deployment', status: 503, count: 3 });
  await expect(deploy(input('served-a'))).resolves.toEqual(OURS);
});

test('a served deployment that dies is not noticed, or words and errors that pass are taken for its death', async () => {
  const given = (status: string, description?: string) => ({
    body: { status_details: { status, description } },
  });
  const answers: Answering[] = [
    given('ready'),
    { status: 503 },
    given('restarting'),
    given('failed', 'its node was drained'),
  ];
  const { url, asked } = await anAnsweringServer(() => answers.shift() ?? { status: 500 });
  const { activities } = platformActivities({ nemoUrl: url, nimUrl: url, dataStoreUrl: url });
  const { need, patience } = input('served-a');
  const reason = await asActivity().run(activities.watchDeployment, { need, patience });
  expect(reason).toBe(`${MODEL}: its node was drained`);
  expect(asked).toHaveLength(4);
  answers.push({ status: 404 });
  const gone = await asActivity().run(activities.watchDeployment, { need, patience });
  expect(gone).toMatch(/gone: somebody deleted it/);
});
