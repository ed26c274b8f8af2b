import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { configKeys, type KeySchema, withKeys } from '../../src/config/key-schema.js';
import { configurationPage, PAGE } from '../support/configuration-page.js';

test('the page of the configuration is not that of the schema: `npm run docs` makes it', async () => {
  expect(await readFile(PAGE, 'utf8')).toBe(await configurationPage());
});

function* undescribed(schema: KeySchema, at: string): Generator<string> {
  const { properties, items } = withKeys(schema);
  if (items) yield* undescribed(items, `${at}[]`);
  for (const [key, member] of Object.entries(properties ?? {})) yield* undescribed(member, `${at}.${key}`);
  if (!items && !properties && !schema.description) yield at;
}

test('a key of the file is explained nowhere', () => {
  expect([...undescribed(configKeys, '')]).toEqual([]);
});
