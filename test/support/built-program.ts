import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'vitest/config';
import type * as Bundle from '../../src/worker/bundle.js';
import { built, BUILT, ROOT } from './built.js';

// The tests try the program as users run it, compiled: each process and thread that starts from source compiles itself
// first, and bundles the workflows, which takes longer than most tests.

const SOURCES = /^(src|workflows|activities)[\\/].*\.ts$/;
/** What tests start as processes of their own. */
const PROCESSES = ['nemo-local', 'installation'].map((name) => `test/support/${name}-process.ts`);

/** Compiles the program and bundles its workflows. Types are checked by `npx tsc`. */
async function buildProgram(): Promise<void> {
  const files = ['src', 'workflows', 'activities'].map(async (folder) =>
    (await readdir(join(ROOT, folder), { recursive: true })).map((file) => join(folder, file)),
  );
  const sources = (await Promise.all(files)).flat().filter((file) => SOURCES.test(file));
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...sources, ...PROCESSES],
    outdir: BUILT,
    outbase: ROOT,
    format: 'esm',
    target: 'es2023',
    sourcemap: 'inline',
    write: false,
  });
  await Promise.all(outputFiles.map(({ path, text }) => replace(path, text)));
  const { bundlePath, writeBundle }: typeof Bundle = await import(built('src/worker/bundle.ts'));
  const fresh = `${bundlePath()}.${process.pid}`;
  // From source: the tests of what a replay refuses alter its words.
  await writeBundle(join(ROOT, 'workflows', 'index.ts'), fresh);
  await rename(fresh, bundlePath());
}

/** Another test run may be reading: what has not changed stays, and nobody sees half a file. */
async function replace(file: string, text: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => null)) === text) return;
  await mkdir(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, text);
  await rename(fresh, file);
}

/** Compiles the program, and gives whoever imports a source file of it the compiled one. */
export async function compiledProgram(): Promise<Plugin> {
  await buildProgram();
  return {
    name: 'compiled program',
    enforce: 'pre',
    async resolveId(specifier, importer) {
      if (!specifier.startsWith('.')) return null;
      const found = await this.resolve(specifier, importer, { skipSelf: true });
      if (!found) return null;
      const source = relative(ROOT, found.id);
      return SOURCES.test(source) ? { id: built(source), external: true } : null;
    },
  };
}
