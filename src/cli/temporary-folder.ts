import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Services } from './services.js';

/** What must have ended before the folder under it goes. */
export class Work {
  private running: Promise<unknown> = Promise.resolve();

  during<T>(work: Promise<T>): Promise<T> {
    this.running = work;
    return work;
  }

  async end(): Promise<void> {
    await Promise.allSettled([this.running]);
  }
}

/** A folder that goes at the end, after the work in it. */
export const temporaryFolder = (services: Services, prefix: string, work: Work): Promise<string> =>
  services.start(
    'a temporary folder',
    () => mkdtemp(join(tmpdir(), prefix)),
    async (folder) => {
      await work.end();
      await rm(folder, { recursive: true, force: true });
    },
  );
