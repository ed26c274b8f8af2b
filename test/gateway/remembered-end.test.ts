import { expect, onTestFinished, test, vi } from 'vitest';
import { StoreError } from '../../src/stores/store-error.js';
import { IN_TIME } from '../support/observe.js';
import { runRecord } from '../support/stores.js';
import { aGateway } from './gateway-world.js';

const AT = '2026-01-05T10:00:00.000Z';
const ended = runRecord(Date.now(), { status: 'failed', stage: 'finished', finishedAt: AT });

test('a job that runs is deleted since an end of it is remembered while the store is silent', async () => {
  const { call, runs } = await aGateway();
  await runs.put(ended);
  const path = `/api/jobs/${ended.runId}`;
  expect(await call('GET', path)).toMatchObject({ status: 200, body: { status: 'failed' } });
  // As one that was not started is, when it is sent again.
  const open = { ...ended, status: 'running', stage: 'trying-candidates', finishedAt: null } as const;
  const get = vi
    .spyOn(runs, 'get')
    .mockRejectedValue(new StoreError('The store is silent', { retryable: true }));
  get.mockResolvedValueOnce(open);
  const { status, body } = await call('DELETE', path);
  expect(status).toBe(503);
  expect(body.detail).toMatch(/The store is silent/);
  expect(get).toHaveBeenCalledTimes(2);
  get.mockRestore();
  expect(await runs.get(ended.runId)).not.toBeNull();
});

test('a job is looked up for each of its readers, or one that is gone is remembered for more than a second', async () => {
  const { call, runs } = await aGateway();
  await runs.put(ended);
  onTestFinished(() => void vi.useRealTimers());
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  const get = vi.spyOn(runs, 'get');
  const statuses = async () => {
    const answers = await Promise.all([1, 2, 3].map(() => call('GET', `/api/jobs/${ended.runId}`)));
    return answers.map(({ status }) => status);
  };
  expect([await statuses(), await statuses()].flat()).toEqual(Array(6).fill(200));
  expect(get).toHaveBeenCalledTimes(1);
  await runs.delete(ended.runId);
  expect(await statuses()).toEqual([200, 200, 200]);
  vi.setSystemTime(Date.now() + 1_000);
  const status = async () => (await call('GET', `/api/jobs/${ended.runId}`)).status;
  // Its look begins at once; the answer need not wait for it.
  await status();
  expect(get).toHaveBeenCalledTimes(2);
  await expect.poll(status, IN_TIME).toBe(404);
  expect(await statuses()).toEqual([404, 404, 404]);
});
