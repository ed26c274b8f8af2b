import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runWorkflowId } from '../../workflows/contract.js';
import { finished, IN_TIME, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { ENDLESS } from '../support/trial-runs.js';
import { startWorld, withModel, type World } from '../support/world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    configure: (run) => {
      // Training that cannot end before it is cancelled.
      run.candidates = run.candidates.slice(0, 1).map((candidate) => withModel(candidate, ENDLESS));
    },
  });
  await world.api.importRecords(orderLogs(40));
});
afterAll(() => world.close());

const temporal = (...args: string[]) => {
  const { address, binary } = inject('temporal');
  return promisify(execFile)(binary, ['workflow', ...args, '--address', address]);
};

const WAYS: Record<string, (id: string) => Promise<unknown>> = {
  'the API': (id) => world.api.call('POST', `/api/jobs/${id}/cancel`),
  'temporal workflow cancel': (id) => temporal('cancel', '--workflow-id', runWorkflowId(id)),
  'temporal workflow signal': (id) =>
    temporal('signal', '--workflow-id', runWorkflowId(id), '--name', 'cancel'),
  'the Temporal UI': (id) => cancelInUi(runWorkflowId(id)),
};

/** The request that the UI's button sends, with the token that its page was given. */
async function cancelInUi(workflowId: string): Promise<void> {
  const { uiUrl } = inject('temporal');
  const page = await fetch(`${uiUrl}/api/v1/settings`);
  const token = /_csrf=([^;]+)/.exec(page.headers.get('set-cookie') ?? '')?.[1] ?? '';
  const response = await fetch(`${uiUrl}/api/v1/namespaces/default/workflows/${workflowId}/cancel`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': token, cookie: `_csrf=${token}` },
    body: JSON.stringify({ reason: 'Cancelled from the Web UI' }),
  });
  expect(response.status, await response.text()).toBe(200);
}

test.each(Object.keys(WAYS))(
  'a run cancelled by %s leaves its training or a deployment running',
  async (way) => {
    const id = await world.api.start(ORDERS.workload, ORDERS.client, { eval_size: 20 });
    await expect
      .poll(async () => (await world.api.job(id)).nims[0]?.customizations[0]?.status, { timeout: 60_000 })
      .toBe('running');
    await expect
      .poll(async () => (await platformState(world.nemoUrl)).customizations.at(-1)?.status, {
        timeout: 60_000,
      })
      .toBe('running');

    await WAYS[way]!(id);
    const job = await finished(world.api, id);

    expect(job).toMatchObject({ status: 'cancelled', error: 'Job cancelled by user' });
    expect(job.nims[0]).toMatchObject({ status: 'cancelled' });
    await expect.poll(async () => (await platformState(world.nemoUrl)).deployments, IN_TIME).toEqual([]);
    const state = await platformState(world.nemoUrl);
    expect(state.customizations.at(-1)).toMatchObject({ status: 'cancelled' });
    const handle = world.client.workflow.getHandle(runWorkflowId(id));
    await expect.poll(async () => (await handle.describe()).status.name, IN_TIME).toBe('CANCELLED');
    const repeated = await world.api.call('POST', `/api/jobs/${id}/cancel`);
    expect(repeated).toMatchObject({
      status: 400,
      body: { detail: 'Cannot cancel a job that has already finished.' },
    });
  },
  120_000,
);
