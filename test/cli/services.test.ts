import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { Problem } from '../../src/cli/problem.js';
import { Services } from '../../src/cli/services.js';

const never = () => new AbortController().signal;
const part = (name: string, stopped: string[]) =>
  [name, () => Promise.resolve(name), (it: string) => Promise.resolve(void stopped.push(it))] as const;

test('parts are stopped in the order in which they were started', async () => {
  const stopped: string[] = [];
  const services = new Services(never());
  await services.start(...part('first', stopped));
  await services.start(...part('second', stopped));
  expect(await services.stop()).toEqual([]);
  expect(stopped).toEqual(['second', 'first']);
});

test('one part that does not stop keeps the others running', async () => {
  const stopped: string[] = [];
  const services = new Services(never());
  await services.start(...part('first', stopped));
  const stubborn = () => Promise.reject(new Error('busy'));
  await services.start('second', () => Promise.resolve(null), stubborn);
  expect(await services.stop()).toEqual(['second did not stop: busy']);
  expect(stopped).toEqual(['first']);
});

test('a part that cannot start is not named', async () => {
  const services = new Services(never());
  const failing = services.start(
    'Temporal',
    () => Promise.reject(new Error('port 7233 is taken')),
    () => Promise.resolve(),
  );
  await expect(failing).rejects.toThrow(new Problem('Temporal could not start: port 7233 is taken'));
});

test('a part that was starting at Ctrl-C is left behind', async () => {
  const stopped: string[] = [];
  const interruption = new AbortController();
  const services = new Services(interruption.signal);
  const events = new EventEmitter();
  const start = async () => ((await once(events, 'ready')) as string[]).join();
  const starting = services.start('slow', start, part('slow', stopped)[2]);
  interruption.abort(new Problem('Interrupted.', 130));
  const stopping = services.stop();
  events.emit('ready', 'slow');
  await Promise.all([starting, stopping]);
  expect(stopped).toEqual(['slow']);
  await expect(services.start(...part('late', stopped))).rejects.toThrow('Interrupted.');
});

test('the trouble of what stands on a part that was lost is told as well as the loss', async () => {
  const services = new Services(never());
  const events = new EventEmitter();
  const stubborn = (name: string, ended?: () => Promise<unknown>) =>
    services.start(
      name,
      () => Promise.resolve(null),
      () => Promise.reject(new Error('busy')),
      ended,
    );
  await stubborn('the folder');
  await stubborn('Temporal', () => once(events, 'end'));
  await stubborn('the worker');
  events.emit('end');
  await expect.poll(() => services.signal.aborted).toBe(true);
  expect(await services.stop()).toEqual(['the folder did not stop: busy']);
});

test('nobody hears that a part has died', async () => {
  const services = new Services(never());
  const events = new EventEmitter();
  await services.start(
    'nemo-local',
    () => Promise.resolve(null),
    () => Promise.resolve(),
    () => once(events, 'end'),
  );
  events.emit('error', new Error('out of memory'));
  await expect.poll(() => services.signal.aborted).toBe(true);
  expect(services.signal.reason).toEqual(new Problem('nemo-local is gone: out of memory'));
});
