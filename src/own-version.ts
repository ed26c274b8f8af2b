import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const FILE = 'package.json';

/** The version of this program, from the repository's `package.json`: this file is `src/…` or, built, `dist/src/…`. */
export function ownVersion(): string {
  const source = new URL(`../${FILE}`, import.meta.url);
  const file = existsSync(source) ? source : new URL(`../../${FILE}`, import.meta.url);
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
