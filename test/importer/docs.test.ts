import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { COLUMN_FIELDS, FORMATS } from '../../src/importer/index.js';

const page = readFileSync('docs/importing-logs.md', 'utf8');

test.each([...FORMATS.map(({ name }) => name), ...COLUMN_FIELDS])('%s is not explained to users', (name) => {
  const firstCells = page.split('\n').map((line) => line.split('|')[1] ?? '');
  expect(firstCells.some((cell) => cell.includes(`\`${name}\``))).toBe(true);
});
