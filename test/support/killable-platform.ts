import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { built } from './built.js';

const Urls = z.object({ nemoUrl: z.string(), nimUrl: z.string(), dataStoreUrl: z.string() });

/** A nemo-local in a process of its own; `close` kills it without warning. */
export async function aProcess(dataDir: string, timeScale = 0): Promise<NemoLocal> {
  const child = fork(built('test/support/nemo-local-process.ts'), [dataDir, String(timeScale)]);
  const close = async () => {
    if (!child.kill('SIGKILL')) return;
    await once(child, 'exit');
  };
  onTestFinished(close);
  const [urls]: unknown[] = await once(child, 'message');
  return { ...Urls.parse(urls), close };
}
