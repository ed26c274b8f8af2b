import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REJECTIONS } from '../src/records/canonical-record.js';
import { UNTRAINED } from '../src/records/reward.js';

/** The cells of the tables in a page. */
const rowsOf = (page: string): string[][] =>
  readFileSync(page, 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length > 2);

test('a reason to leave records out is not explained, or otherwise than in the code', () => {
  const explained = ['docs/datasets.md', 'docs/report.md']
    .flatMap(rowsOf)
    .map(([, reason, text]) => `${reason}: ${text}`);
  for (const [reason, text] of Object.entries({ ...REJECTIONS, ...UNTRAINED }))
    expect(explained).toContain(`\`${reason}\`: ${text}`);
});

test('the glossary says how a thing is called in code, and no code calls it that', () => {
  const folders = ['src', 'workflows', 'activities'];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  const code = files.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(file, 'utf8'));
  const words = rowsOf('docs/glossary.md').flatMap(([, , , inCode = '']) => [
    ...inCode.matchAll(/`([A-Za-z]+)/g),
  ]);
  expect(words.length).toBeGreaterThan(15);
  const all = code.join('\n');
  for (const [, word = ''] of words) expect(all).toContain(word);
});
