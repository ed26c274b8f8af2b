import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Spool } from '../../src/proxy/spool.js';
import { aFolder } from '../support/local-platform.js';

const aSpoolFolder = async () => join(await aFolder(), 'spool');
const line = (n: number) => JSON.stringify({ n, text: 'x'.repeat(1000) });

function drain(spool: Spool): string[] {
  const lines: string[] = [];
  for (let batch = spool.oldest(); batch; batch = spool.oldest()) {
    lines.push(...batch.lines);
    spool.remove(batch);
  }
  return lines;
}

test('records come back in another order, or are lost or repeated, over a restart', async () => {
  const folder = await aSpoolFolder();
  const all = Array.from({ length: 9_000 }, (_, n) => line(n));
  const before = new Spool(folder, 100_000_000);
  for (const one of all.slice(0, 6_000)) expect(before.add(one)).toBe(true);
  const taken = before.oldest();
  expect(taken?.lines.length).toBeGreaterThan(3_000);
  if (taken) before.remove(taken);
  // Neither closed nor asked: as a process that is killed.
  const after = new Spool(folder, 100_000_000);
  expect(after.waiting).toBe(6_000 - (taken?.lines.length ?? 0));
  for (const one of all.slice(6_000)) after.add(one);
  expect([...(taken?.lines ?? []), ...drain(after)]).toEqual(all);
  expect(after.waiting + after.waitingBytes).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
});

test('others can read what waits', async () => {
  const folder = await aSpoolFolder();
  new Spool(folder, 1_000_000).add(line(1));
  const modes = [folder, ...readdirSync(folder).map((name) => join(folder, name))].map(
    (path) => statSync(path).mode & 0o777,
  );
  expect(modes).toEqual([0o700, 0o600]);
});

test('more lies on disk than may', async () => {
  const folder = await aSpoolFolder();
  const spool = new Spool(folder, 10_000);
  const taken = Array.from({ length: 30 }, (_, n) => spool.add(line(n)));
  expect(taken.filter(Boolean)).toHaveLength(9);
  const bytes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBe(spool.waitingBytes);
  expect(spool.waitingBytes).toBeLessThanOrEqual(10_000);
  expect(drain(spool)).toHaveLength(9);
  expect(spool.add(line(31))).toBe(true);
});

test('a line that a crash has cut is taken for a record, spoils the next, or is not counted', async () => {
  const folder = await aSpoolFolder();
  const before = new Spool(folder, 1_000_000);
  before.add(line(1));
  appendFileSync(join(folder, readdirSync(folder)[0] ?? ''), '{"cut": tr');
  const after = new Spool(folder, 1_000_000);
  expect([before.cut, after.cut]).toEqual([0, 1]);
  after.add(line(2));
  expect(after.waiting).toBe(2);
  expect(drain(after)).toEqual([line(1), line(2)]);
});
