import { appendFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createNemo } from '../../src/nemo/index.js';
import { aFolder, aPlatform } from '../support/local-platform.js';

const LARGE = 11_000_000;

test('a file that is uploaded counts as absent, or one of another content as uploaded', async () => {
  const { dataStore } = createNemo({ ...(await aPlatform()), hfToken: 'any', embeddingApiKey: null });
  const folder = await aFolder();
  const files = ['small.jsonl', 'large.jsonl'].map((path) => ({ path, localPath: join(folder, path) }));
  const [small, large] = files.map(({ localPath }) => localPath);
  await writeFile(small!, 'äöü\n');
  await writeFile(large!, 'x'.repeat(LARGE));
  const dataset = { namespace: 'test', name: 'held' };
  const isHeld = () => dataStore.holdsFiles(dataset, files);

  expect(await isHeld()).toBe(false);
  expect(await dataStore.createDataset(dataset)).toBe(true);
  expect(await dataStore.createDataset(dataset)).toBe(false);
  expect(await isHeld()).toBe(false);
  await dataStore.uploadFiles(dataset, files);
  expect(await isHeld()).toBe(true);
  for (const file of [small!, large!]) {
    await appendFile(file, 'y');
    expect(await isHeld()).toBe(false);
    await truncate(file, file === small ? Buffer.byteLength('äöü\n') : LARGE);
    expect(await isHeld()).toBe(true);
  }
});
