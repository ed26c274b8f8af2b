import { describe } from './problem.js';
import { Services } from './services.js';

/** Runs with parts that are all stopped afterwards, whatever happened; Ctrl-C ends it at once. */
export async function withServices(
  interruption: AbortSignal,
  use: (services: Services) => Promise<void>,
): Promise<void> {
  const services = new Services(interruption);
  try {
    await Promise.race([use(services), aborted(services.signal)]);
  } finally {
    if (interruption.aborted) console.log('Stopping …');
    for (const problem of await services.stop()) console.error(problem);
  }
}

/**
 * Starts parts and keeps them until Ctrl-C or SIGTERM, which is a good end once all are there, or until one ends by
 * itself, which is not.
 */
export async function keepServing(
  interruption: AbortSignal,
  start: (services: Services) => Promise<void>,
): Promise<void> {
  let serving = false;
  try {
    await withServices(interruption, async (services) => {
      await start(services);
      serving = true;
      await aborted(services.signal);
    });
  } catch (error) {
    if (!serving || error !== interruption.reason) throw error;
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = () =>
      reject(signal.reason instanceof Error ? signal.reason : new Error(describe(signal.reason)));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
  });
