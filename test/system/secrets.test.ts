import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, test, vi } from 'vitest';
import { digestOf } from '../../src/config/index.js';
import { aLog } from '../support/a-log.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { TINY, untrained } from '../support/trial-runs.js';
import { startWorld, withModel } from '../support/world.js';

vi.setConfig({ testTimeout: 180_000 });

const SECRETS = {
  api: 'api-secret-0123456789abcdef',
  judge: 'judge-secret-0123456789abcdef',
  embedding: 'embedding-secret-0123456789',
  hub: 'hub-secret-0123456789abcdef',
  gateway: 'gateway-secret-0123456789abcdef',
};

/** A history as text, with what its payloads hold. */
function withPayloads(history: string): string {
  const payloads = [...history.matchAll(/"data": ?"([A-Za-z0-9+/=]+)"/g)];
  return [history, ...payloads.map(([, data = '']) => Buffer.from(data, 'base64').toString())].join('\n');
}

test('a key stands in a log, an error, a history or a record of a run', async () => {
  const log = aLog();
  const world = await startWorld({
    logger: log.logger,
    configureAll: (config) => {
      config.apiKeys = [{ name: 'API', digest: digestOf(SECRETS.api), clients: null }];
      const { judge, embedding, hub, gateway } = SECRETS;
      config.secrets = { judgeApiKey: judge, embeddingApiKey: embedding, hfToken: hub, gatewayKey: gateway };
      const [first] = config.run.candidates;
      config.run.candidates = first
        ? [withModel(first, TINY), withModel(first, 'stand-in/fail-deploy-1b')]
        : [];
      untrained(config.run);
      const url = `${config.services.nemo.nimUrl}/v1/chat/completions`;
      config.run.judge = { model: TINY, deployment: { kind: 'external', url } };
    },
  });
  try {
    const headers = { authorization: `Bearer ${SECRETS.api}`, 'content-type': 'application/json' };
    const call = async (method: string, path: string, body?: object) => {
      const text = body === undefined ? {} : { body: JSON.stringify(body) };
      return await (await fetch(world.api.url + path, { method, headers, ...text })).text();
    };
    await call('POST', '/api/logs', orderLogs(30));
    const job = {
      workload_id: ORDERS.workload,
      client_id: ORDERS.client,
      data_split_config: { eval_size: 15 },
    };
    const { id } = JSON.parse(await call('POST', '/api/jobs', job)) as { id: string };
    const read = async () => JSON.parse(await call('GET', `/api/jobs/${id}`));
    await expect.poll(async () => (await read()).finished_at, { timeout: 150_000 }).not.toBeNull();
    const said = [
      await call('GET', `/api/jobs/${id}`),
      await call('GET', '/api/jobs'),
      await call('POST', '/api/jobs', {}),
    ];
    said.push(JSON.stringify(await world.stores.runs.get(id)), JSON.stringify(log.lines()));

    const histories: string[] = [];
    for await (const { workflowId } of world.client.workflow.list({
      query: `TaskQueue = "${world.taskQueue}"`,
    }))
      histories.push(
        withPayloads(historyToJSON(await world.client.workflow.getHandle(workflowId).fetchHistory())),
      );
    expect(histories.length).toBeGreaterThan(2);
    // Else a key could not be found in them.
    expect(histories.join('')).toContain(ORDERS.workload);

    for (const secret of Object.values(SECRETS))
      for (const text of [...said, ...histories]) expect(text).not.toContain(secret);

    const lines = log.lines().filter(({ runId }) => runId === id);
    expect(lines).toContainEqual(
      expect.objectContaining({
        msg: 'activity',
        activity: 'buildDatasets',
        outcome: 'completed',
        attempt: 1,
      }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'request', method: 'GET', status: 200 }));
  } finally {
    await world.close();
  }
});
