import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const FILE = 'package.json';

/** The folder of the repository: this file is `src/…` or, built, `dist/src/…`. */
export function repositoryFolder(): string {
  const above = fileURLToPath(new URL('../', import.meta.url));
  return existsSync(join(above, FILE)) ? above : join(above, '..');
}

/** The version of this program, from the repository's `package.json`. */
export function ownVersion(): string {
  const text = readFileSync(join(repositoryFolder(), FILE), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
