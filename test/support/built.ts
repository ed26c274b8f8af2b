import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What `built-program.ts` compiles into; a sibling of `dist`. */
export const BUILT = join(ROOT, '.test');

/** The compiled file of a source file, given from the root: `src/ids.ts`. */
export const built = (source: string): string => join(BUILT, source.replace(/\.ts$/, '.js'));
