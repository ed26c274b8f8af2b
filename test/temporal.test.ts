import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, inject, test } from 'vitest';
import { connectClient, connectWorker, registerSearchAttributes, TemporalError } from '../src/temporal.js';
import { SEARCH_ATTRIBUTES } from '../src/search-attributes.js';
import { aNamespace } from './support/namespace.js';
import { IN_TIME } from './support/observe.js';

const NOWHERE = '127.0.0.1:9';

test.each([connectClient, connectWorker])(
  'a Temporal that is away is not named, or not with what to do (%o)',
  async (connect) => {
    const refused = connect(NOWHERE);
    await expect(refused).rejects.toBeInstanceOf(TemporalError);
    await expect(refused).rejects.toThrow(/answer at 127\.0\.0\.1:9.*start-dev.*TEMPORAL_ADDRESS/);
  },
);

test('no run can be found by its workload in a namespace of its own', async () => {
  const client = await aNamespace();
  await registerSearchAttributes(client);
  // Twice is as good as once.
  await registerSearchAttributes(client);
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
});

/** A way to a server, which breaks and from then on refuses whoever comes. */
async function aBreakableWay(target: string) {
  const [host, port] = target.split(':');
  const open = new Set<Socket>();
  let refused: number | null = null;
  const server = createServer((near) => {
    if (refused !== null) {
      refused++;
      near.destroy();
      return;
    }
    const far = connect(Number(port), host);
    for (const socket of [near, far]) open.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    refused = 0;
    for (const socket of open) socket.destroy();
  };
  // A server on a port has an address of this form.
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, cut, refused: () => refused, close: () => server.close() };
}

test('a call that is repeated while Temporal is away throws when its client is closed', async () => {
  const way = await aBreakableWay(inject('temporal').address);
  const { client, close } = await connectClient(way.address);
  way.cut();
  const failed = expect(client.connection.workflowService.getSystemInfo({})).rejects.toThrow('UNAVAILABLE');
  await expect.poll(way.refused, IN_TIME).toBeGreaterThan(0);
  await close();
  await failed;
  way.close();
});
