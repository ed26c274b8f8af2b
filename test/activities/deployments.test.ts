import { randomUUID } from 'node:crypto';
import { CancelledFailure } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { expect, onTestFinished, test } from 'vitest';
import type { ModelNeed } from '../../src/gpu-pool.js';
import type { Activities } from '../../activities/contract.js';
import { deployingPool } from '../../activities/installation.js';
import { SERVED_MODEL } from '../../workflows/contract.js';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { anAnsweringServer, type Answering } from '../support/answering-server.js';
import { Gate } from '../support/gate.js';
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
/** What an ingress says while NeMo is upgraded. */
const PROXY = '<html>default backend - 404</html>';

/** Id of a workflow that stays open, as that of a served model does: nobody works on it. */
async function aServedModel({ workflow }: Client): Promise<string> {
  const handle = await workflow.start(SERVED_MODEL, {
    taskQueue: 'nobody',
    workflowId: `served-model-${randomUUID()}`,
  });
  onTestFinished(async () => void (await handle.terminate().catch(() => undefined)));
  return handle.workflowId;
}

/** As an activity of the served model that holds the lease. */
const removing = (undeploy: Activities['undeployModel'], given: ReturnType<typeof input>) =>
  asActivity(null, { workflowExecution: { workflowId: given.holder, runId: '' } }).run(undeploy, given);

interface Surroundings {
  temporal?: Client;
  shared?: NemoLocal;
  gate?: Gate;
}

async function aWorld({ temporal = aTemporal(), shared, gate }: Surroundings = {}) {
  const platform = shared ?? (await aPlatform());
  const door = await gate?.before(platform.nemoUrl);
  if (door) onTestFinished(() => door.close());
  const { activities, nemo } = platformActivities(
    { ...platform, nemoUrl: door?.url ?? platform.nemoUrl },
    temporal,
  );
  const [a, b] = [await aServedModel(temporal), await aServedModel(temporal)];
  return {
    platform,
    nemo,
    a,
    b,
    activities,
    deploy: (given: ReturnType<typeof input>) => asActivity().run(activities.deployModel, given),
    undeploy: (given: ReturnType<typeof input>) => removing(activities.undeployModel, given),
    /** The pool as a deployment names it. */
    pool: (id = 'gpu-pool') => deployingPool(temporal, id),
    owner: async () => (await nemo.deployments.get('test', 'stand-in-tiny-1b'))?.owner,
  };
}

test('a deployed model is not listed, or not removed', async () => {
  const { platform, deploy, undeploy, nemo, a } = await aWorld();
  await expect(deploy(input(a))).resolves.toEqual(OURS);
  expect(await listedModels(platform)).toContain(MODEL);
  await undeploy(input(a));
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
});

test('a second attempt deploys again', async () => {
  const { platform, deploy, owner, a } = await aWorld();
  const attempt = input(a);
  await deploy(attempt);
  await expect(deploy(attempt)).resolves.toEqual(OURS);
  expect((await owner())?.holder).toBe(a);
  const { deployments, creations } = await platformState(platform.nemoUrl);
  expect(deployments).toMatchObject([{ name: 'stand-in-tiny-1b', status: 'ready' }]);
  expect(creations.deployments).toEqual({ 'test/stand-in-tiny-1b': 1 });
});

test('what another served model left is deployed again instead of adopted', async () => {
  const { deploy, owner, a, b } = await aWorld();
  await deploy(input(a));
  await expect(deploy(input(b))).resolves.toEqual(OURS);
  expect((await owner())?.holder).toBe(a);
});

test('a deployment with another tag, or one that failed before, is adopted', async () => {
  const { deploy, owner, a, b } = await aWorld();
  await deploy(input(a));
  await deploy(input(b, need(MODEL, 'newer')));
  expect((await owner())?.holder).toBe(b);

  const failing = need('stand-in/fail-deploy-1b');
  await expect(deploy(input(a, failing))).rejects.toMatchObject({ type: 'DeploymentFailed' });
  await expect(deploy(input(b, failing))).rejects.toMatchObject({ type: 'DeploymentFailed' });
});

test("another installation's deployment is removed, or not used", async () => {
  const { deploy, undeploy, owner, nemo, pool, a, b } = await aWorld();
  await deploy({ ...input(a), pool: 'gpu-pool-of-others' });
  await expect(deploy(input(b, need(MODEL, 'newer')))).resolves.toEqual({ foreign: true });
  await undeploy(input(b));
  expect((await owner())?.pool).toBe('gpu-pool-of-others');
  expect(await nemo.deployments.ofPool(await pool())).toEqual([]);
  expect(await nemo.deployments.ofPool(await pool('gpu-pool-of-others'))).toEqual([need()]);
});

test('a pool of the same name in another Temporal replaces, removes or counts what is not its own', async () => {
  const ours = await aWorld();
  const theirs = await aWorld({ temporal: await aNamespace(), shared: ours.platform });
  await ours.deploy(input(ours.a));
  await expect(theirs.deploy(input(theirs.b, need(MODEL, 'newer')))).resolves.toEqual({ foreign: true });
  await theirs.undeploy(input(theirs.b));
  const { installation } = await ours.pool();
  expect(await ours.owner()).toMatchObject({ installation, holder: ours.a });
  expect(await ours.nemo.deployments.ofPool(await theirs.pool())).toEqual([]);
  expect(await ours.nemo.deployments.ofPool(await ours.pool())).toEqual([need()]);
  await ours.undeploy(input(ours.a));
  expect(await ours.nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
});

test('an outage that is longer than the patience leaves a deployment behind', async () => {
  const { platform, deploy, undeploy, nemo, a } = await aWorld();
  await deploy(input(a));
  await post(`${platform.nemoUrl}/admin/faults`, { pathPrefix: '/v1/deployment', status: 503, count: 30 });
  await undeploy({ ...input(a), patience: { pollMs: 2, stallMs: 10 } });
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).toBeNull();
});

test('a proxy that answers 404 leaves a deployment behind', async () => {
  const temporal = aTemporal();
  const owner = {
    managed_by: 'flywheel',
    ...(await deployingPool(temporal, 'gpu-pool')),
    holder: '',
    spec: '',
  };
  const there = { body: { status_details: { status: 'ready' }, custom_fields: owner } };
  const elsewhere = { status: 404, body: PROXY };
  const answers: Answering[] = [
    elsewhere,
    there,
    elsewhere,
    there,
    {},
    { status: 404, body: { detail: 'no' } },
  ];
  const { url, asked } = await anAnsweringServer(() => answers.shift() ?? { status: 500 });
  const { activities } = platformActivities({ nemoUrl: url, nimUrl: url, dataStoreUrl: url }, temporal);
  await removing(activities.undeployModel, input(await aServedModel(temporal)));
  expect(asked.map(({ method }) => method)).toEqual(['GET', 'GET', 'DELETE', 'GET', 'DELETE', 'GET']);
});

test('a deployment that somebody else made is removed', async () => {
  const { platform, deploy, undeploy, nemo, a } = await aWorld();
  await post(`${platform.nemoUrl}/v1/deployment/model-deployments`, {
    name: 'stand-in-tiny-1b',
    namespace: 'test',
    config: { model: MODEL, nim_deployment: { image_name: 'x', image_tag: '1', gpu: 1 } },
  });
  await expect(deploy(input(a))).resolves.toEqual({ foreign: true });
  await undeploy(input(a));
  expect(await nemo.deployments.get('test', 'stand-in-tiny-1b')).not.toBeNull();
});

test('a deployment that failed is waited for, or its reason is lost', async () => {
  const { deploy, a } = await aWorld();
  await expect(deploy(input(a, need('stand-in/fail-deploy-1b')))).rejects.toMatchObject({
    type: 'DeploymentFailed',
    nonRetryable: true,
    message: expect.stringContaining('cannot be pulled') as string,
  });
});

test('a deployment without a sign of life is waited for without end', async () => {
  const { deploy, a } = await aWorld();
  const stuck = {
    ...input(a, need('stand-in/stuck-deploy-1b')),
    patience: { pollMs: 5, stallMs: 50 },
  };
  await expect(deploy(stuck)).rejects.toMatchObject({ type: 'Stalled' });
});

test('answers of 503 in passing fail a deployment', async () => {
  const { platform, deploy, a } = await aWorld();
  await post(`${platform.nemoUrl}/admin/faults`, { pathPrefix: '/v1/deployment', status: 503, count: 3 });
  await expect(deploy(input(a))).resolves.toEqual(OURS);
});

test('a served deployment that dies is not noticed, or words and errors that pass are taken for its death', async () => {
  const given = (status: string, description?: string) => ({
    body: { status_details: { status, description } },
  });
  const answers: Answering[] = [
    given('ready'),
    { status: 503 },
    { status: 404, body: PROXY },
    { status: 401 },
    { body: 'no deployment at all' },
    given('restarting'),
    given('failed', 'its node was drained'),
  ];
  const { url, asked } = await anAnsweringServer(() => answers.shift() ?? { status: 500 });
  const { activities } = platformActivities({ nemoUrl: url, nimUrl: url, dataStoreUrl: url });
  const { need, patience } = input('served-a');
  const reason = await asActivity().run(activities.watchDeployment, { need, patience });
  expect(reason).toBe(`${MODEL}: its node was drained`);
  expect(asked).toHaveLength(7);
  answers.push({ status: 404 });
  const gone = await asActivity().run(activities.watchDeployment, { need, patience });
  expect(gone).toMatch(/gone: somebody deleted it/);
});

test('a worker that stops while a model is being deployed gives that up, or its successor deploys another', async () => {
  const gate = new Gate();
  const { platform, activities, deploy, a } = await aWorld({ gate });
  const stopped = asActivity();
  const making = gate.hold(/^POST .*\/model-deployments$/);
  const deployed = expect(stopped.run(activities.deployModel, input(a))).rejects.toThrow(CancelledFailure);
  await making.reached;
  stopped.environment.cancel('WORKER_SHUTDOWN');
  expect((await platformState(platform.nemoUrl)).deployments).toEqual([]);
  making.open();
  await deployed;
  await expect(deploy(input(a))).resolves.toEqual(OURS);
  const { creations } = await platformState(platform.nemoUrl);
  expect(creations.deployments).toEqual({ 'test/stand-in-tiny-1b': 1 });
  expect(gate.abandoned).toEqual([]);
});

test('an attempt whose served model has ended deploys what its successor has removed, or replaces what that has deployed', async () => {
  const temporal = aTemporal();
  const { deploy, undeploy, owner, a, b } = await aWorld({ temporal });
  const late = { type: 'LeaseLost', nonRetryable: true, message: expect.stringContaining(a) as string };
  await deploy(input(a));
  await temporal.workflow.getHandle(a).terminate('a test ends it');
  await expect(deploy(input(a, need(MODEL, 'newer')))).rejects.toMatchObject(late);
  expect((await owner())?.holder).toBe(a);
  await undeploy(input(b));
  await expect(deploy(input(a))).rejects.toMatchObject(late);
  await expect(deploy(input(`served-model-${randomUUID()}`))).rejects.toMatchObject({ type: 'LeaseLost' });
  expect(await owner()).toBeUndefined();
});

test('an attempt to remove whose served model has ended removes what its successor has deployed', async () => {
  const temporal = aTemporal();
  const { deploy, undeploy, owner, a, b } = await aWorld({ temporal });
  await temporal.workflow.getHandle(a).terminate('a test ends it');
  await deploy(input(b));
  const late = { type: 'LeaseLost', message: expect.stringContaining(a) as string };
  await expect(undeploy(input(a))).rejects.toMatchObject(late);
  expect((await owner())?.holder).toBe(b);
  await undeploy(input(b));
  await undeploy(input(a));
});
