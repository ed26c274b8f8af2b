import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCollection } from '../../src/nemo-local/collection.js';
import { startNemoLocal } from '../../src/nemo-local/index.js';
import { aFolder, aPlatform, get, post } from '../support/local-platform.js';

test('names of some length or characters mix their documents up, or lose their order, when read again', async () => {
  const folder = await aFolder();
  let round = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 400 }), { minLength: 1, maxLength: 8 }),
      (keys) => {
        const place = join(folder, String(round++));
        const written = openCollection<{ key: string }>(place);
        for (const key of keys) written.put(key, { key: `first ${key}` });
        for (const key of keys.toReversed()) written.put(key, { key });
        const [gone = ''] = keys;
        written.delete(gone);
        const read = openCollection<{ key: string }>(place);
        expect(read.all()).toEqual(keys.slice(1).map((key) => ({ key })));
        expect(keys.map((key) => read.get(key)?.key)).toEqual([undefined, ...keys.slice(1)]);
      },
    ),
    { numRuns: 50 },
  );
});

test('the longest names that are allowed do not survive a restart', async () => {
  const dataDir = await aFolder();
  const [namespace, name] = ['n'.repeat(180), '@'.repeat(180)];
  const first = await aPlatform({ dataDir });
  const dataset = { namespace, name, files_url: 'hf://datasets/a/b' };
  expect((await post(`${first.nemoUrl}/v1/datasets`, dataset)).status).toBe(200);
  await first.close();
  const second = await aPlatform({ dataDir });
  expect((await get(`${second.nemoUrl}/v1/datasets/${namespace}/${name}`)).body).toMatchObject(dataset);
});

test('a document that a power cut has emptied is not named at the next start', async () => {
  const dataDir = await aFolder();
  const first = await aPlatform({ dataDir });
  await post(`${first.nemoUrl}/v1/namespaces`, { id: 'n' });
  await first.close();
  const folder = join(dataDir, 'namespaces');
  const [name = ''] = await readdir(folder);
  await truncate(join(folder, name));
  await expect(startNemoLocal({ dataDir })).rejects.toThrow(
    `nemo-local cannot read ${join(folder, name)} of its data folder: Unexpected end of JSON input`,
  );
});
