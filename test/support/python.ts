import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../src/message-of.js';

const run = promisify(execFile);

/** The interpreter of a virtual environment with these packages (`name==version`): a cached one, else installed by pip. */
export async function pythonWith(packages: string[]): Promise<string> {
  const cache = path.join(os.tmpdir(), 'flywheel-cache', 'python');
  const home = path.join(cache, packages.join(',').replace(/[^\w.,=-]/g, '_'));
  const python = path.join(home, 'bin', 'python');
  if (await isThere(python)) return python;
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(path.join(cache, 'installing-'));
  try {
    await run('python3', ['-m', 'venv', made]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(path.join(made, 'bin', 'python'), [...pip, ...packages]);
    // Renaming is atomic: a test run that installed at the same time finds ours, or we its.
    await rename(made, home).catch(async (error: unknown) => {
      if (!(await isThere(python))) throw error;
    });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return python;
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** The same; without Python or a package index why there is none. Where CI runs, both are there. */
export async function installed(packages: string[]): Promise<{ python: string; missing: string | null }> {
  try {
    return { python: await pythonWith(packages), missing: null };
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    const words = messageOf(error);
    return { python: '', missing: words.split('\n')[0] ?? '' };
  }
}
