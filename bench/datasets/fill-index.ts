import { Client } from '@elastic/elasticsearch';
import { openStores } from '../../src/stores/index.js';
import type { LogRecord } from '../../src/stores/log-store.js';
import { copiesOf, readLogs, shortRecords } from './log-copies.js';

const BATCH_BYTES = 6_000_000;

/** Writes the bench's records into an index of the flywheel's own making: `fill-index URL INDEX COUNT [LOGS]`. */
const [, , url = '', index = '', count = '', logs] = process.argv;
const stores = await openStores({ kind: 'elasticsearch', url, logIndex: index, runIndex: `${index}-runs` });
await stores.logs.ping();
await stores.close();

const client = new Client({ node: url, requestTimeout: 120_000 });
const records: Generator<LogRecord> = logs
  ? copiesOf(readLogs(logs), Number(count))
  : shortRecords(Number(count));
let batch: string[] = [];
let bytes = 0;
const sent = new Set<Promise<void>>();

async function send(): Promise<void> {
  const body = batch;
  batch = [];
  bytes = 0;
  if (body.length === 0) return;
  while (sent.size >= 2) await Promise.race(sent);
  const request = client
    .bulk({ index, operations: body.flatMap((json) => ['{"index":{}}', json]) })
    .then(({ errors }) => {
      if (errors) throw new Error('Elasticsearch refused records of the bench');
    })
    .finally(() => sent.delete(request));
  sent.add(request);
}

for (const record of records) {
  const json = JSON.stringify(record);
  batch.push(json);
  bytes += json.length;
  if (bytes >= BATCH_BYTES) await send();
}
await send();
await Promise.all(sent);
await client.indices.refresh({ index });
await client.close();
