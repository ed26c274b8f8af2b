import { expect, onTestFinished, test } from 'vitest';
import type { JobNim } from '../../src/gateway/wire.js';
import { post } from '../support/local-platform.js';
import { expectAtRest, finished, platformState } from '../support/observe.js';
import { orderLogs } from '../support/order-logs.js';
import { startTrial, TINY } from '../support/trial-runs.js';
import { startWorld } from '../support/world.js';

/** Long enough for whatever is healthy on a busy machine. */
const STALL_MS = 15_000;

/** What happens to a model of that name, and where its candidate says so. */
const ODD: Record<string, (nim: JobNim) => string | null | undefined> = {
  'stand-in/vanish-training-at-2-1b': ({ customizations }) => customizations[0]?.error,
  'stand-in/hang-training-at-2-3b': ({ customizations }) => customizations[0]?.error,
  'stand-in/vanish-evaluation-at-2-1b': ({ evaluations }) => evaluations[0]?.error,
  'stand-in/hang-evaluation-at-2-3b': ({ evaluations }) => evaluations[0]?.error,
  'stand-in/stuck-deploy-1b': ({ error }) => error,
};

test('a job that is lost or hangs, or pages of HTML, take other candidates with them, or are not told', async () => {
  const world = await startWorld({
    configure: ({ timing }) =>
      Object.assign(timing, {
        deploymentStallMs: STALL_MS,
        customizationStallMs: STALL_MS,
        evaluationStallMs: STALL_MS,
      }),
  });
  onTestFinished(() => world.close());
  await world.api.importRecords(orderLogs(30));
  const html = { on: 'request', pathPrefix: '/v1', status: 502, html: true, count: 20 };
  expect((await post(`${world.nemoUrl}/admin/faults`, html)).status).toBeLessThan(300);

  const id = await startTrial(world, { models: [TINY, ...Object.keys(ODD)] });
  const job = await finished(world.api, id);
  expect(job.status).toBe('completed');
  const [healthy, ...odd] = job.nims;
  expect(healthy).toMatchObject({ model_name: TINY, status: 'completed', error: null });
  expect(healthy!.evaluations.map(({ error }) => error)).toEqual([null, null, null]);
  for (const nim of odd)
    expect(ODD[nim.model_name]!(nim), nim.model_name).toMatch(
      nim.model_name.includes('vanish') ? /no longer|lost|gone|not there/i : /no sign of life for 15 s/,
    );

  // Nothing is made twice unasked.
  const { creations } = await platformState(world.nemoUrl);
  expect(new Set(Object.values(creations.customizations))).toEqual(new Set([1]));
  expect(new Set(Object.values(creations.evaluations))).toEqual(new Set([1]));
  await expectAtRest(world.nemoUrl, id);
}, 180_000);
