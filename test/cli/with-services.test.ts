import { expect, test } from 'vitest';
import { Problem, WRONG_USE } from '../../src/cli/problem.js';
import { keepServing, withServices } from '../../src/cli/with-services.js';
import type { Services } from '../../src/cli/services.js';

const stubborn = (services: Services) =>
  services.start(
    'the folder',
    () => Promise.resolve(null),
    () => Promise.reject(new Error('busy')),
  );

test('what does not stop is told before the reason why all stops', async () => {
  const failing = withServices(new AbortController().signal, async (services) => {
    await stubborn(services);
    throw new Problem('no such workload', WRONG_USE);
  });
  const told = new Problem('no such workload\nthe folder did not stop: busy', WRONG_USE);
  await expect(failing).rejects.toEqual(told);
  await expect(failing).rejects.toMatchObject({ exitCode: WRONG_USE });
});

test('a part that does not stop after Ctrl-C counts as a good end', async () => {
  const interruption = new AbortController();
  const serving = keepServing(interruption.signal, async (services) => {
    await stubborn(services);
    interruption.abort(new Problem('Interrupted.', 130));
  });
  await expect(serving).rejects.toThrow('Interrupted.\nthe folder did not stop: busy');
});
