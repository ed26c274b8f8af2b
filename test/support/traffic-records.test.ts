import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { simulateTraffic } from '../../src/traffic/index.js';
import { aFolder } from './local-platform.js';
import { recordsOfFile, simulatedRecords } from './traffic-records.js';

const TRAFFIC = { seed: 1, conversations: 3 };

test('the records of a file are others than those of the traffic in it', async () => {
  const file = join(await aFolder(), 'logs.jsonl.gz');
  const lines = [...simulateTraffic(TRAFFIC)].map((record) => `${JSON.stringify(record)}\n`);
  await writeFile(file, gzipSync(lines.join('')));
  expect(await recordsOfFile(file)).toEqual(simulatedRecords(TRAFFIC));
});

test('a file without a usable record is not told', async () => {
  const file = join(await aFolder(), 'logs.jsonl');
  await writeFile(file, '{"a":1}\n');
  await expect(recordsOfFile(file)).rejects.toThrow('logs.jsonl holds no usable record');
});
