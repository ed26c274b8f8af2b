import type { Services } from './services.js';

/**
 * Starts parts and keeps them until Ctrl-C or SIGTERM, which is a good end, or until one ends by itself, which is not;
 * stops them all whatever happened.
 */
export async function untilStopped(
  services: Services,
  signal: AbortSignal,
  start: () => Promise<{ done: Promise<void> }>,
): Promise<void> {
  const stopped = new Promise<'stopped'>((resolve) => {
    signal.addEventListener('abort', () => resolve('stopped'));
  });
  try {
    const started = await start();
    await Promise.race([stopped, started.done]);
  } finally {
    if (signal.aborted) console.log('Stopping …');
    for (const problem of await services.stop()) console.error(problem);
  }
}
