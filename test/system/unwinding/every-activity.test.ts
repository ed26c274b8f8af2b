import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// Each activity has a row in one of the tables beside this file, and a new one fails here until it has.

const here = new URL('.', import.meta.url);

/** The files that have calls fail in every way; in the others they are only held. */
const tables = readdirSync(here)
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => readFileSync(new URL(file, here), 'utf8'))
  .filter((text) => /^import .*\bWAYS\b/m.test(text));

/** How these files name an activity that they have fail in every way; who holds one, or has it fail once, names it otherwise. */
const STRUCK = [
  /\bactivity: '(\w+)'/g,
  /\bfails\('(\w+)'[^;]*, way\);/g,
  /\bexpectSwept\(world, \['(\w+)'/g,
  /\bsweepInTrouble\('(\w+)'/g,
];

const struckIn = (text: string): (string | undefined)[] =>
  STRUCK.flatMap((naming) => [...text.matchAll(naming)].map(([, name]) => name));

test('an activity fails nowhere', () => {
  const contract = readFileSync('activities/contract.ts', 'utf8');
  const [, methods = ''] = contract.split('export interface Activities {');
  const activities = [...methods.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name);
  expect(activities.length).toBeGreaterThan(30);
  expect(tables.length).toBeGreaterThan(4);
  const struck = new Set(tables.flatMap(struckIn));
  expect(activities.filter((name) => !struck.has(name))).toEqual([]);
});
