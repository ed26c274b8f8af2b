import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Services } from '../../src/cli/services.js';
import { withServices } from '../../src/cli/with-services.js';

/** Gives a benchmark parts and a folder; nothing is left of either, also after Ctrl-C. */
export async function withParts(
  bench: string,
  use: (services: Services, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `flywheel-${bench}-`));
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => interruption.abort(new Error('interrupted')));
  try {
    await withServices(interruption.signal, (services) => use(services, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
