import { expect, test } from 'vitest';
import { runRecord } from '../support/stores.js';
import { aGateway } from './gateway-world.js';

const AT = '2026-01-05T10:00:00.000Z';

test('a job that runs is deleted since an end of it is remembered while the store is silent', async () => {
  const { call, runs } = await aGateway();
  const ended = runRecord(Date.now(), { status: 'failed', stage: 'finished', finishedAt: AT });
  await runs.put(ended);
  const path = `/api/jobs/${ended.runId}`;
  expect(await call('GET', path)).toMatchObject({ status: 200, body: { status: 'failed' } });
  // As one that was not started is, when it is sent again.
  const open = {
    ...ended,
    status: 'running' as const,
    stage: 'trying-candidates' as const,
    finishedAt: null,
  };
  let asked = 0;
  runs.get = () => (asked++ === 0 ? Promise.resolve(open) : new Promise(() => undefined));
  expect(await call('DELETE', path)).toMatchObject({
    status: 400,
    body: { detail: 'Cannot delete a running job. Please cancel the job first.' },
  });
  expect(asked).toBe(2);
});
