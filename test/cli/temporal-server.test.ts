import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startTemporalServer, type TemporalServer } from '../../src/cli/temporal-server.js';
import { aFolder } from '../support/local-platform.js';

const ANY = { port: 0, uiPort: 0 };

async function clientOf({ address }: TemporalServer): Promise<Client> {
  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

test('a run that was open when Temporal stopped is forgotten at its next start', async () => {
  const { binary } = inject('temporal');
  const file = join(await aFolder(), 'temporal.db');
  const first = await startTemporalServer({ ...ANY, binary, file });
  const options = { workflowId: 'open', taskQueue: 'nobody' };
  await (await clientOf(first)).workflow.start('flywheelRun', options);
  await first.stop();

  const second = await startTemporalServer({ ...ANY, binary, file });
  onTestFinished(() => second.stop());
  const { status } = await (await clientOf(second)).workflow.getHandle('open').describe();
  expect(status.name).toBe('RUNNING');
});

test('a port that is taken is not named', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const starting = startTemporalServer({ ...ANY, binary: inject('temporal').binary, port, file: null });
  await expect(starting).rejects.toThrow(
    `port ${port}, which Temporal needs, is used by another program: stop it first. \`npm start\` may be running ` +
      `already; to use what it has started, set TEMPORAL_ADDRESS=127.0.0.1:${port}.`,
  );
});

test('a server that ends at its start is waited for, and what it said is lost', async () => {
  const binary = join(await aFolder(), 'temporal');
  await writeFile(binary, '#!/bin/sh\necho "Server: 127.0.0.1"\necho "unknown flag --ui-ip" >&2\nexit 1\n');
  await chmod(binary, 0o755);
  const starting = startTemporalServer({ ...ANY, binary, file: null });
  await expect(starting).rejects.toThrow('; it last said:\nunknown flag --ui-ip');
});

test('another program that takes the free port first keeps the server from starting', async () => {
  const { binary } = inject('temporal');
  const folder = await aFolder();
  const once = join(folder, 'temporal');
  await writeFile(
    once,
    `#!/bin/sh\nif [ ! -e ${folder}/tried ]; then touch ${folder}/tried; exit 1; fi\nexec ${binary} "$@"\n`,
  );
  await chmod(once, 0o755);
  const server = await startTemporalServer({ ...ANY, binary: once, file: null });
  onTestFinished(() => server.stop());
  expect((await (await clientOf(server)).workflow.count()).count).toBe(0);
});

test('a server that dies is not noticed', async () => {
  const server = await startTemporalServer({ ...ANY, binary: inject('temporal').binary, file: null });
  const ended = expect(server.ended()).rejects.toThrow('its process ended');
  await server.stop();
  await ended;
});
