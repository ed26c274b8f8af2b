import { expect, test } from 'vitest';
import { runsIn, withoutForeign } from '../../src/gateway/gpu-pool-scope.js';
import type { GpuPoolDocument } from '../../src/gateway/gpu-pool-document.js';

const OWN = 'a'.repeat(24);
const FOREIGN = 'b'.repeat(24);
const user = (job_id: string | null) => ({ workflow_id: `flywheel-${job_id}`, step: 'work', job_id });

const POOL: GpuPoolDocument = {
  total_gpus: 8,
  gpus_in_use: 4,
  census: false,
  census_problem: null,
  models: [
    {
      model: 'm',
      gpus: 1,
      state: 'serving',
      workflow_id: 'served-model-m-1',
      users: [user(OWN), user(FOREIGN), user(null)],
      idle_since: null,
    },
  ],
  trainings: [{ ...user(FOREIGN), gpus: 2 }],
  queue: [
    { ...user(FOREIGN), gpus: 8, models: ['m'], waiting_since: '2026-01-05T10:00:00' },
    { ...user(OWN), gpus: 1, models: [], waiting_since: '2026-01-05T10:00:00' },
  ],
  requests_not_taken: 3,
};

test('who of another client holds GPUs or waits is named, or what it takes is not told', () => {
  expect(runsIn(POOL)).toEqual([OWN, FOREIGN]);
  const shown = withoutForeign(POOL, new Set([OWN]));
  expect(JSON.stringify(shown)).not.toContain(FOREIGN);
  const hidden = { workflow_id: 'hidden', step: 'work', job_id: null };
  expect(shown).toEqual({
    ...POOL,
    models: [{ ...POOL.models[0], users: [user(OWN), hidden, user(null)] }],
    trainings: [{ ...hidden, gpus: 2 }],
    queue: [{ ...POOL.queue[0], ...hidden }, POOL.queue[1]],
  });
  expect(withoutForeign(POOL, new Set([OWN, FOREIGN]))).toEqual(POOL);
  const silent = { ...POOL, census: true, census_problem: `flywheel-${FOREIGN} does not say what it holds` };
  expect(withoutForeign(silent, new Set([OWN])).census_problem).toBe('hidden');
});
