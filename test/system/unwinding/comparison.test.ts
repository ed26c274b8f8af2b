import { expect, onTestFinished, test, vi } from 'vitest';
import type { ScheduleDetail } from '../../../src/gateway/schedule-document.js';
import { finished, IN_TIME } from '../../support/observe.js';
import { ORDERS } from '../../support/order-logs.js';
import { untrained } from '../../support/trial-runs.js';
import { aTroubledWorld } from './cases.js';

vi.setConfig({ testTimeout: 180_000 });

test('a run that cannot be compared with the one before loses what it has measured', async () => {
  const { api, config, troubles, close } = await aTroubledWorld();
  onTestFinished(close);
  config.run.candidates = config.run.candidates.slice(0, 1);
  untrained(config.run);
  const asked = {
    ...{ workload_id: ORDERS.workload, client_id: ORDERS.client, every: '52w' },
    data_split_config: { eval_size: 6, min_total_records: 10 },
  };
  const { id } = (await api.call('POST', '/api/schedules', asked)).body as { id: string };
  const turn = async (number: number) => {
    await api.call('POST', `/api/schedules/${id}/trigger`);
    const turns = async () => ((await api.call('GET', `/api/schedules/${id}`)).body as ScheduleDetail).turns;
    await expect
      .poll(async () => (await turns()).map(({ status }) => status), IN_TIME)
      .toEqual(Array.from({ length: number }, () => 'completed'));
    return await finished(api, (await turns())[0]?.job_id ?? '');
  };
  const before = await turn(1);

  troubles.failsForGood('compareWithRun', /./);
  const job = await turn(2);
  expect(job).toMatchObject({ status: 'completed', error: null, nims: [{ status: 'completed' }] });
  expect(job).not.toHaveProperty('comparison');
  expect(job.warnings).toContain(`Not compared with job ${before.id}: a test forbids compareWithRun`);
});
