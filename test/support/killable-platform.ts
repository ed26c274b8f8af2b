import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';

const Urls = z.object({ nemoUrl: z.string(), nimUrl: z.string(), dataStoreUrl: z.string() });

/** A nemo-local in a process of its own; `close` kills it without warning. */
export async function aProcess(dataDir: string, timeScale = 0): Promise<NemoLocal> {
  const child = fork(new URL('./nemo-local-process.ts', import.meta.url), [dataDir, String(timeScale)], {
    execArgv: ['--import', 'tsx'],
  });
  const close = async () => {
    if (!child.kill('SIGKILL')) return;
    await once(child, 'exit');
  };
  onTestFinished(close);
  const [urls]: unknown[] = await once(child, 'message');
  return { ...Urls.parse(urls), close };
}
