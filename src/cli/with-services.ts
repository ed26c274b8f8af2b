import { aborted } from '../aborted.js';
import { describe, exitCodeOf, Problem } from './problem.js';
import { Services } from './services.js';

/** Runs with parts that are all stopped afterwards, whatever happened; Ctrl-C ends it at once. */
export async function withServices(
  interruption: AbortSignal,
  use: (services: Services) => Promise<void>,
): Promise<void> {
  const services = new Services(interruption);
  const failure = await Promise.race([use(services), aborted(services.signal)]).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  if (interruption.aborted) console.log('Stopping …');
  const problems = await services.stop();
  if (failure && problems.length === 0) throw failure.error;
  // The reason first: what does not stop may follow from it.
  if (failure)
    throw new Problem([describe(failure.error), ...problems].join('\n'), exitCodeOf(failure.error));
  for (const problem of problems) console.error(problem);
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
