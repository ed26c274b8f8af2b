import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { listening } from '../support/listening.js';
import { aFolder } from '../support/local-platform.js';
import { flywheel } from '../support/program.js';

test('who starts a proxy on a port that is taken does not hear what to do', async () => {
  const { port } = new URL(await listening(createServer()));
  const spool = await aFolder();
  const program = flywheel(['proxy', '--upstream', 'http://127.0.0.1:9', '--spool', spool, '--port', port]);
  expect(await program.ended(), program.output()).toBe(1);
  expect(program.output()).toContain(
    `The proxy cannot listen on 127.0.0.1:${port}: another program uses that port: stop it, or set --port to another one.`,
  );
});
