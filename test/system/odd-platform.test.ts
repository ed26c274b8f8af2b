import { expect, onTestFinished, test } from 'vitest';
import type { JobNim } from '../../src/gateway/wire.js';
import type { Faults } from '../../src/nemo-local/faults.js';
import { post } from '../support/local-platform.js';
import { expectAtRest, finished, platformState } from '../support/observe.js';
import { orderLogs } from '../support/order-logs.js';
import { startTrial, TINY } from '../support/trial-runs.js';
import { startWorld } from '../support/world.js';

/** Long enough for whatever is healthy on a busy machine. */
const STALL_MS = 15_000;

/** What happens to a model of that name, where its candidate says so, and in which words. */
const ODD: Record<string, { error: (nim: JobNim) => string | null | undefined; says: RegExp }> = {
  'stand-in/vanish-training-at-2-1b': {
    error: ({ customizations }) => customizations[0]?.error,
    says: /^Error customizing \S+: customization \S+ of stand-in\/vanish-training-at-2-1b is gone: somebody deleted it$/,
  },
  'stand-in/hang-training-at-2-3b': {
    error: ({ customizations }) => customizations[0]?.error,
    says: /^Error customizing \S+: customization of \S+: no sign of life for 15 s; last heard: status running$/,
  },
  'stand-in/vanish-evaluation-at-2-1b': {
    error: ({ evaluations }) => evaluations[0]?.error,
    says: /^Error running base-eval evaluation: evaluation \S+ of \S+ is gone: somebody deleted it$/,
  },
  'stand-in/hang-evaluation-at-2-3b': {
    error: ({ evaluations }) => evaluations[0]?.error,
    says: /^Error running base-eval evaluation: evaluation \(base\) of \S+: no sign of life for 15 s; last heard: status running$/,
  },
  'stand-in/stuck-deploy-1b': {
    error: ({ error }) => error,
    says: /^Error deploying \S+: deployment of \S+: no sign of life for 15 s; last heard: status pending$/,
  },
};

const faultsOf = async (nemoUrl: string) => {
  const response = await fetch(`${nemoUrl}/admin/faults`);
  return (await response.json()) as ReturnType<Faults['list']>;
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
  expect(odd).toHaveLength(Object.keys(ODD).length);
  for (const nim of odd) {
    const { error, says } = ODD[nim.model_name]!;
    expect(error(nim), nim.model_name).toMatch(says);
  }
  const { spent } = await faultsOf(world.nemoUrl);
  const pages = spent.filter(({ fault }) => fault.on === 'request');
  expect(pages).toMatchObject([{ fault: { kind: 'status', html: true }, left: 0 }]);
  expect(pages[0]?.struck).toHaveLength(html.count);

  // Nothing is made twice unasked.
  const { creations } = await platformState(world.nemoUrl);
  expect(new Set(Object.values(creations.customizations))).toEqual(new Set([1]));
  expect(new Set(Object.values(creations.evaluations))).toEqual(new Set([1]));
  await expectAtRest(world.nemoUrl, id);
}, 180_000);
