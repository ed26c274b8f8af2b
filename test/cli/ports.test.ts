import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { portFor } from '../../src/cli/ports.js';

test('a port whose holder is just ending is refused', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const found = portFor('a test', port, '');
  // Asked for later, so that this is refused after the first try of ours.
  await once(createServer().listen(port, '127.0.0.1'), 'error');
  holder.close();
  expect(await found).toBe(port);
});
