import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { WAIT_MS } from '../../src/gateway/known-run.js';
import { runWorkflowId } from '../../workflows/contract.js';
import { runRecord } from '../support/stores.js';
import { aGateway, JOB, type GatewayWorld } from './gateway-world.js';

/** From now on each run is read for longer than a reader waits. */
function slowDown({ runs }: GatewayWorld): void {
  const get = runs.get.bind(runs);
  vi.spyOn(runs, 'get').mockImplementation(async (id) => {
    await sleep(WAIT_MS + 100);
    return await get(id);
  });
}

test('a closed job that is read for the first time from a slow store is said to be old', async () => {
  const world = await aGateway();
  const finishedAt = '2026-01-05T10:00:00.000Z';
  const run = runRecord(Date.now(), { status: 'failed', stage: 'finished', finishedAt });
  await world.runs.put(run);
  slowDown(world);
  const { status, body } = await world.call('GET', `/api/jobs/${run.runId}`);
  expect([status, body.status]).toEqual([200, 'failed']);
  expect(body).not.toHaveProperty('stale_seconds');
});

test('a job whose workflow was terminated cannot be deleted while the store is slow', async () => {
  const world = await aGateway();
  const { body } = await world.call('POST', '/api/jobs', JOB);
  await world.temporal.workflow.getHandle(runWorkflowId(body.id)).terminate('a test ends it');
  slowDown(world);
  expect(await world.call('DELETE', `/api/jobs/${body.id}`)).toMatchObject({ status: 200 });
});
