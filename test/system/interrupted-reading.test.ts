import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { aFreezableWay } from '../support/freezable-way.js';
import { Gate } from '../support/gate.js';
import { expectAtRest, finished, IN_TIME } from '../support/observe.js';
import { orderLogs } from '../support/order-logs.js';
import { elasticsearchConfig } from '../support/stores.js';
import { startTrial, TINY, untrained } from '../support/trial-runs.js';
import { startWorld } from '../support/world.js';

vi.setConfig({ testTimeout: 180_000 });

const elasticsearch = inject('elasticsearch');

test('Elasticsearch that goes away while a run reads its records ends the run, or leaves records out', async ({
  skip,
}) => {
  if ('skipped' in elasticsearch) return skip(elasticsearch.skipped);
  const gate = new Gate();
  const door = await gate.before(elasticsearch.url);
  onTestFinished(() => door.close());
  const way = await aFreezableWay(door.url);
  const store = { ...elasticsearchConfig(elasticsearch.url), url: way.url };
  const world = await startWorld({ store: () => store });
  onTestFinished(() => world.close());
  const records = [...orderLogs(30)];
  await world.api.importRecords(records);

  // Searches that name no index are pages of an export.
  const page = gate.hold(/^POST \/_search/);
  const id = await startTrial(world, { models: [TINY], configure: untrained });
  await page.reached;
  way.cut();
  const ready = async () => (await world.api.call('GET', '/ready')).status;
  await expect.poll(ready, IN_TIME).toBe(503);
  expect(await world.api.job(id)).toMatchObject({ status: 'running', stage: 'building-datasets' });
  page.open();
  way.mend();
  expect(await finished(world.api, id)).toMatchObject({
    status: 'completed',
    error: null,
    funnel: { read: records.length },
  });
  const pages = gate.requests.filter((line) => /^POST \/_search/.test(line));
  expect(pages.length).toBeGreaterThan(1);
  await expectAtRest(world.nemoUrl, id);
});
