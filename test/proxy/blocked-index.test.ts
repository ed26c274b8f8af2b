import { Client } from '@elastic/elasticsearch';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openStores } from '../../src/stores/index.js';
import { IN_TIME } from '../support/observe.js';
import { elasticsearchConfig, exported } from '../support/stores.js';
import { answered, anUpstream, aProxy, asked, NAMES, post } from './proxy-world.js';

const server = inject('elasticsearch');
const url = 'url' in server ? server.url : '';

test.skipIf('skipped' in server)('what passes while the index is blocked is never logged', async () => {
  const store = elasticsearchConfig(url);
  const { logs, close } = await openStores(store);
  const client = new Client({ node: url });
  const index = store.logIndex;
  onTestFinished(async () => {
    await close();
    await client.indices.delete({ index });
    await client.close();
  });
  await logs.ping();
  await client.indices.putSettings({ index, settings: { 'index.blocks.write': true } });

  const upstream = await anUpstream((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1)));
  });
  const world = await aProxy(upstream, '', { target: { kind: 'store', store } });
  for (let n = 0; n < 5; n++) await (await post(world.url, asked(n))).text();
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({
      records: { stored: 0, waiting: 5, refused: 0 },
      store_problem: expect.stringMatching(/cluster_block_exception/),
    });
  await client.indices.putSettings({ index, settings: { 'index.blocks.write': null } });
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({ records: { stored: 5, waiting: 0, refused: 0 }, store_problem: null });
  expect(await exported(logs, NAMES)).toHaveLength(5);
});
