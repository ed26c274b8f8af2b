import { describe, expect, test } from 'vitest';
import { createGpuSlots } from '../../src/nemo-local/gpu-slots.js';
import { aTraining, admin } from '../support/local-jobs.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aPlatform,
  get,
  overJob,
  post,
  send,
} from '../support/local-platform.js';
import { trainingRows } from '../support/order-traffic.js';

const DEPLOYMENTS = '/v1/deployment/model-deployments';
const DATA = { 'training/a.jsonl': trainingRows(20) };

const waitsWith = (detail: string) => ({
  status: 'pending',
  status_logs: expect.arrayContaining([expect.objectContaining({ message: 'NotEnoughResources', detail })]),
});

const statusOf = async (url: string) => (await get(`${url}/status`)).body;

describe('a training', () => {
  test('waits while deployments hold the GPUs, says so, and runs when they are free', async () => {
    const platform = await aPlatform({ gpus: 4 });
    await aDataset(platform, 'd', DATA);
    await aDeployment(platform, 'meta/tiny-1b', 3);
    const url = await aTraining(platform, { model: 'meta/tiny-1b', gpus: 1, nodes: 2 });
    await expect.poll(() => statusOf(url), PATIENT).toMatchObject(waitsWith('waiting for 2 GPUs'));
    const id = url.split('/').at(-1);
    expect(await admin(platform, 'state')).toMatchObject({
      gpus: {
        total: 4,
        inUse: 3,
        holders: [{ owner: 'deployment test/meta-tiny-1b', gpus: 3 }],
        waiting: [{ owner: `customization ${id}`, gpus: 2 }],
      },
      jobs: { customizations: { pending: 1 }, evaluations: {} },
    });
    await send('DELETE', `${platform.nemoUrl}${DEPLOYMENTS}/test/meta-tiny-1b`);
    expect(await overJob(url)).toMatchObject({ status: 'completed' });
    expect(await admin(platform, 'state')).toMatchObject({
      gpus: { inUse: 0, peak: 3, holders: [], waiting: [] },
    });
  });

  test('that needs more GPUs than there are waits for ever, can be cancelled, and blocks nobody', async () => {
    const platform = await aPlatform({ gpus: 2 });
    await aDataset(platform, 'd', DATA);
    const url = await aTraining(platform, { model: 'meta/tiny-1b', gpus: 4 });
    const never = waitsWith('waiting for 4 GPUs, more than the 2 there are');
    await expect.poll(() => statusOf(url), PATIENT).toMatchObject(never);
    expect(
      await overJob(await aTraining(platform, { model: 'meta/tiny-1b', output: 'test/o' })),
    ).toMatchObject({
      status: 'completed',
    });
    expect(await statusOf(url)).toMatchObject(never);
    await post(`${url}/cancel`);
    expect(await overJob(url)).toMatchObject({ status: 'cancelled' });
  });

  test.each(['fail-training', 'slow-training'])('gives its GPUs back however it ends (%s)', async (name) => {
    const platform = await aPlatform({ gpus: 1 });
    await aDataset(platform, 'd', DATA);
    const url = await aTraining(platform, { model: `meta/${name}-1b` });
    await expect.poll(() => statusOf(url), PATIENT).toMatchObject({ steps_completed: expect.any(Number) });
    await post(`${url}/cancel`);
    await overJob(url);
    await aDeployment(platform, 'meta/tiny-1b');
  });

  test('has its GPUs again after a restart, before one that has waited longer', async () => {
    const dataDir = await aFolder();
    const first = await aPlatform({ dataDir, gpus: 1 });
    await aDataset(first, 'd', DATA);
    // Before the restart there is no way for it, after it there is.
    const config = { model: 'meta/tiny-1b', nim_deployment: { gpu: 2 } };
    await post(`${first.nemoUrl}${DEPLOYMENTS}`, { name: 'waiting', config });
    const waiting = [{ owner: 'deployment default/waiting', gpus: 2 }];
    await expect.poll(() => admin(first, 'state'), PATIENT).toMatchObject({ gpus: { waiting } });
    const url = await aTraining(first, { model: 'meta/slow-training-1b' });
    await expect.poll(() => statusOf(url), PATIENT).toMatchObject({ status: 'running' });
    await first.close();
    const second = await aPlatform({ dataDir, gpus: 2 });
    await expect
      .poll(() => admin(second, 'state'), PATIENT)
      .toMatchObject({
        gpus: { waiting, holders: [{ owner: expect.stringMatching(/^customization /), gpus: 1 }] },
      });
    await post(`${url.replace(first.nemoUrl, second.nemoUrl)}/cancel`);
    const ready = { deployments: [{ status: 'ready' }] };
    await expect.poll(() => admin(second, 'state'), PATIENT).toMatchObject(ready);
  });
});

test('evaluations hold no GPU', async () => {
  const platform = await aPlatform({ gpus: 0 });
  const rows = { type: 'rows', rows: [{ text: 'a' }] };
  const metric = { type: 'string-check', params: { check: ['{{ item.text }}', 'equals', 'a'] } };
  const config = { type: 'custom', tasks: { t: { type: 'data', metrics: { m: metric } } } };
  const { body } = await post(`${platform.nemoUrl}/v1/evaluation/jobs`, { config, target: rows });
  const { id } = body as { id: string };
  expect(await overJob(`${platform.nemoUrl}/v1/evaluation/jobs/${id}`)).toMatchObject({
    status: 'completed',
  });
});

describe('the slots', () => {
  const order: string[] = [];
  const never = new AbortController().signal;

  test('are handed out in the order in which they were asked for', async () => {
    const slots = createGpuSlots(2);
    const take = (owner: string, count: number) =>
      slots.take(owner, count, never).then(() => order.push(owner));
    await take('a', 1);
    const rest = [take('big', 2), take('never', 3), take('small', 1)];
    expect(slots.state()).toMatchObject({
      inUse: 1,
      waiting: [{ owner: 'big' }, { owner: 'never' }, { owner: 'small' }],
    });
    slots.release('a');
    await rest[0];
    slots.release('big');
    await rest[2];
    expect(order).toEqual(['a', 'big', 'small']);
    expect(slots.shortage('x', 2)).toBe('waiting for 2 GPUs');
    expect(slots.shortage('x', 1)).toBe(null);
    expect(slots.shortage('small', 2)).toBe(null);
  });

  test('that were held before a restart stay held, though there are fewer now', async () => {
    const slots = createGpuSlots(1);
    slots.hold('a', 2);
    await slots.take('a', 2, never);
    expect(slots.shortage('b', 1)).toBe('waiting for 1 GPU');
    slots.release('a');
    expect(slots.state()).toMatchObject({ inUse: 0 });
  });
});
