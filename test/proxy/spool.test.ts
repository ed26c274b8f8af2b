import { appendFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Spool } from '../../src/proxy/spool.js';
import { aFolder } from '../support/local-platform.js';

const aSpoolFolder = async () => join(await aFolder(), 'spool');
const line = (n: number) => JSON.stringify({ n, text: 'x'.repeat(1000) });

/** The oldest, which it then forgets. */
function take(spool: Spool): string[] {
  const batch = spool.oldest();
  if (batch === null) return [];
  if ('why' in batch) throw new Error(batch.why);
  spool.remove(batch);
  return batch.lines.texts;
}

function drain(spool: Spool): string[] {
  const lines: string[] = [];
  for (let some = take(spool); some.length > 0; some = take(spool)) lines.push(...some);
  return lines;
}

test('records come back in another order, or are lost or repeated, over a restart', async () => {
  const folder = await aSpoolFolder();
  const all = Array.from({ length: 9_000 }, (_, n) => line(n));
  const before = new Spool(folder, 100_000_000);
  for (const one of all.slice(0, 6_000)) expect(before.add(one)).toBe(true);
  const taken = take(before);
  expect(taken.length).toBeGreaterThan(3_000);
  // Neither closed nor asked: as a process that is killed.
  const after = new Spool(folder, 100_000_000);
  expect(after.waiting).toBe(6_000 - taken.length);
  for (const one of all.slice(6_000)) after.add(one);
  expect([...taken, ...drain(after)]).toEqual(all);
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

test('what is set aside is taken up again by the same process, not by the next, or is not counted', async () => {
  const folder = await aSpoolFolder();
  const before = new Spool(folder, 10_000);
  for (let n = 0; n < 4; n++) before.add(line(n));
  const taken = take(before);
  expect(before.setAside([taken[1] ?? '', taken[3] ?? ''])).toBe(2);
  expect(before.setAside([line(2)])).toBe(1);
  expect([before.oldest(), before.aside, before.waiting]).toEqual([null, 3, 3]);
  // Half of all that may wait.
  expect([before.setAside([line(4), line(5)]), before.setAside([line(6)])]).toEqual([1, 0]);
  const after = new Spool(folder, 10_000);
  expect([after.aside, after.waiting, after.waitingBytes]).toEqual([0, 4, before.waitingBytes]);
  expect(drain(after)).toEqual([line(1), line(3), line(2), line(4)]);
});
