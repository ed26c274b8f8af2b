import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../src/stores/index.js';
import { elasticsearchConfig } from '../support/stores.js';

test('what closes its connections is described otherwise each time', async () => {
  const ports = new Set<number | undefined>();
  const closing = createServer((socket) => {
    ports.add(socket.remotePort);
    socket.once('data', () => socket.destroy());
  });
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void closing.close());
  // A server on a port has an address of this form.
  const { port } = closing.address() as AddressInfo;
  const stores = await openStores(elasticsearchConfig(`http://127.0.0.1:${port}`));
  onTestFinished(() => stores.close());
  const failure = () => stores.logs.ping().then(() => 'no failure', String);
  const first = await failure();
  expect(first).toContain(`http://127.0.0.1:${port} cannot be reached (`);
  expect(await failure()).toBe(first);
  // Of so many connections, each from a port of its own, a message could name one.
  expect(ports.size).toBeGreaterThan(1);
});
