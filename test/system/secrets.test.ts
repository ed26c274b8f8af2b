import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, onTestFinished, test, vi } from 'vitest';
import { digestOf } from '../../src/config/index.js';
import { aLog } from '../support/a-log.js';
import { anAnsweringServer } from '../support/answering-server.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { TINY, untrained } from '../support/trial-runs.js';
import { startWorld, type World, withModel } from '../support/world.js';

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

/** A world with every secret, in which a run can be made; `served`: where its candidates answer, if not on its platform. */
async function aWorldWithSecrets(models: string[], judgeUrl: (nimUrl: string) => string, served?: string) {
  const log = aLog();
  const world = await startWorld({
    logger: log.logger,
    configureAll: (config) => {
      config.apiKeys = [{ name: 'API', digest: digestOf(SECRETS.api), clients: null }];
      const { judge, embedding, hub, gateway } = SECRETS;
      config.secrets = { judgeApiKey: judge, embeddingApiKey: embedding, hfToken: hub, gatewayKey: gateway };
      const [first] = config.run.candidates;
      config.run.candidates = first ? models.map((model) => withModel(first, model)) : [];
      untrained(config.run);
      // Else a stall of this process makes a second attempt of what is looked for as the first.
      config.run.timing.heartbeatTimeoutMs = 60_000;
      for (const candidate of config.run.candidates)
        if (served !== undefined) candidate.deployment = { kind: 'external', url: served };
      const url = judgeUrl(config.services.nemo.nimUrl);
      config.run.judge = { model: TINY, deployment: { kind: 'external', url } };
    },
  });
  onTestFinished(() => world.close());
  const headers = { authorization: `Bearer ${SECRETS.api}`, 'content-type': 'application/json' };
  const call = async (method: string, path: string, body?: object) => {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return await (await fetch(world.api.url + path, { method, headers, ...text })).text();
  };
  const ended = async () => {
    await call('POST', '/api/logs', orderLogs(30));
    const { workload, client } = ORDERS;
    const job = { workload_id: workload, client_id: client, data_split_config: { eval_size: 15 } };
    const { id } = JSON.parse(await call('POST', '/api/jobs', job)) as { id: string };
    const read = async () => JSON.parse(await call('GET', `/api/jobs/${id}`));
    await expect.poll(async () => (await read()).finished_at, { timeout: 150_000 }).not.toBeNull();
    return id;
  };
  /** Wherever a run is told of. */
  const told = async (id: string) => {
    const histories = await historiesOf(world);
    expect(histories.length).toBeGreaterThan(2);
    // Else a key could not be found in them.
    expect(histories.join('')).toContain(ORDERS.workload);
    return [
      ...histories,
      await call('GET', `/api/jobs/${id}`),
      await call('GET', '/api/jobs'),
      await call('POST', '/api/jobs', {}),
      JSON.stringify(await world.stores.runs.get(id)),
      JSON.stringify(log.lines()),
    ];
  };
  return { log, ended, told };
}

async function historiesOf({ client, taskQueue }: World): Promise<string[]> {
  const histories: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: `TaskQueue = "${taskQueue}"` }))
    histories.push(withPayloads(historyToJSON(await client.workflow.getHandle(workflowId).fetchHistory())));
  return histories;
}

test('a key stands in a log, an error, a history or a record of a run', async () => {
  const models = [TINY, 'stand-in/fail-deploy-1b'];
  const { log, ended, told } = await aWorldWithSecrets(models, (nimUrl) => `${nimUrl}/v1/chat/completions`);
  const id = await ended();
  for (const text of await told(id))
    for (const secret of Object.values(SECRETS)) expect(text).not.toContain(secret);

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
});

test('a model server that refuses, and repeats the key of the judge, has it written down', async () => {
  const refusing = await anAnsweringServer(() => ({
    status: 401,
    body: { error: { message: `Incorrect API key provided: ${SECRETS.judge}` } },
  }));
  const url = `${refusing.url}/v1/chat/completions`;
  const { ended, told } = await aWorldWithSecrets([TINY], () => url, url);
  const texts = await told(await ended());
  expect(refusing.asked).not.toEqual([]);
  for (const text of texts) expect(text).not.toContain(SECRETS.judge);
  // A history, the document, the record and the log say why.
  const saying = texts.filter((text) => text.includes('Incorrect API key provided: ***'));
  expect(saying.length).toBeGreaterThanOrEqual(4);
});
