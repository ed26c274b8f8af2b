import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PrivateFolder, removeLeftFolders, withDatasets } from '../../src/datasets/index.js';
import { Spool } from '../../src/datasets/spool.js';
import { buildInput, logsOf, SPLIT } from '../support/dataset-world.js';
import { anOwner, leaveFolder } from '../support/folder-owner.js';
import { aFolder } from '../support/local-platform.js';
import { aPlace } from '../support/log-records.js';
import { orderLogs } from '../support/order-logs.js';

test('what a killed process had on the disk stays there, or what a living one has is taken away', async () => {
  const parent = await aFolder();
  const [living] = await Promise.all([anOwner(parent), leaveFolder(parent)]);
  // Of this process too: one in another container may have its number.
  const own = await PrivateFolder.create(parent);
  expect(readdirSync(parent)).toHaveLength(3);
  await removeLeftFolders(parent);
  expect(readdirSync(parent).sort()).toEqual([living.folder, own.path].map((path) => basename(path)).sort());
  expect(existsSync(join(living.folder, 'records-0'))).toBe(true);
  await own.remove();
  expect(readdirSync(parent)).toEqual([basename(living.folder)]);
}, 60_000);

test('without a socket a folder stays for ever, or goes at once', async () => {
  const parent = await aFolder();
  const [left, kept] = [
    ['datasets-left', '.datasets-left'],
    ['datasets-new', '.datasets-new', 'something else'],
  ];
  for (const name of [...left, ...kept, 'nobody']) mkdirSync(join(parent, name));
  const longAgo = new Date(Date.now() - 25 * 3600_000);
  for (const name of [...left, 'nobody']) utimesSync(join(parent, name), longAgo, longAgo);
  await removeLeftFolders(parent);
  expect(readdirSync(parent).sort()).toEqual([...kept, 'nobody'].sort());
  await removeLeftFolders(join(parent, 'nowhere'));
});

test('a folder can be read by others, or its path may not be long', async () => {
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  const parent = join(await aFolder(), 'x'.repeat(120), 'y'.repeat(120));
  const folder = await PrivateFolder.create(parent);
  for (const path of [parent, folder.path]) expect(statSync(path).mode & 0o777).toBe(0o700);
  await removeLeftFolders(parent);
  expect(readdirSync(parent)).toEqual([basename(folder.path)]);
  await folder.remove();
  expect(readdirSync(parent)).toEqual([]);
});

test('a file that cannot be closed keeps the others of a spool on the disk', async () => {
  const parent = await aFolder();
  const spool = await Spool.create(parent);
  writeFileSync(spool.addFile(), 'what somebody said');
  const missing = { ...aPlace(), file: 1 };
  spool.addFile();
  await expect(spool.read(missing)).rejects.toThrow(/ENOENT/);
  await spool.remove();
  expect(readdirSync(parent)).toEqual([]);
});

test('others may read a file of a build', async () => {
  const umask = process.umask(0);
  onTestFinished(() => void process.umask(umask));
  const spoolDir = join(await aFolder(), 'spool');
  const request = { ...buildInput(), split: SPLIT, seedName: 'test' };
  const watch = { signal: new AbortController().signal, onProgress: () => undefined };
  const services = { logs: logsOf(orderLogs(60)), spoolDir, embedding: null };
  const modes = await withDatasets(services, request, watch, () =>
    Promise.resolve(
      readdirSync(spoolDir, { recursive: true, encoding: 'utf8' }).map((name): [string, number] => [
        name,
        statSync(join(spoolDir, name)).mode & 0o077,
      ]),
    ),
  );
  const files = ['records-0', 'train_data.jsonl', 'val_data.jsonl', 'eval_plain.jsonl', 'eval_data.jsonl'];
  for (const file of files) expect(modes.map(([name]) => basename(name))).toContain(file);
  // Of the socket nothing can be read.
  const readable = modes.filter(([name, mode]) => mode !== 0 && basename(name) !== 'owner');
  expect(readable).toEqual([]);
});
