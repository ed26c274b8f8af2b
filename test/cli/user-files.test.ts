import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { requireWritable } from '../../src/cli/user-files.js';
import { aFolder } from '../support/local-platform.js';

test('seeing whether a file can be written leaves one, or takes what is in it', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'old.json'), '{}');
  await requireWritable('--json', join(folder, 'old.json'));
  await requireWritable('--json', join(folder, 'new.json'));
  expect(await readdir(folder)).toEqual(['old.json']);
  expect(await readFile(join(folder, 'old.json'), 'utf8')).toBe('{}');
});
