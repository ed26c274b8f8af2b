import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repositoryFolder } from '../own-version.js';
import { bundlePath, writeBundle } from '../worker/bundle.js';

export const configFile = (name: 'config' | 'demo'): string =>
  join(repositoryFolder(), 'config', `${name}.yaml`);

/** The bundled workflows: built beforehand, or on the spot when running from sources. */
export async function workflowBundle(): Promise<{ codePath: string; remove(): Promise<void> }> {
  if (extname(fileURLToPath(import.meta.url)) === '.js')
    return { codePath: bundlePath(), remove: () => Promise.resolve() };
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-workflows-'));
  const codePath = join(folder, 'workflow-bundle.js');
  await writeBundle(fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)), codePath);
  return { codePath, remove: () => rm(folder, { recursive: true, force: true }) };
}
