import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startElasticsearch } from './elasticsearch.js';
import { listening } from './listening.js';
import { aFolder } from './local-platform.js';

/** A machine with an empty cache, without Java, and with these commands alone. */
async function aMachine(commands: Record<string, string>): Promise<string> {
  const folder = await aFolder();
  for (const [name, script] of Object.entries(commands)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  const env = { PATH: folder, TMPDIR: folder, XDG_CACHE_HOME: folder, ELASTICSEARCH_URL: '', CI: '' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return folder;
}

/** Answers as a server that is up. */
async function aServer(): Promise<string> {
  const server = createServer((_, response) => response.end('{}'));
  return new URL(await listening(server)).host;
}

test('a server that is named is passed over for one of our own', async () => {
  await aMachine({});
  vi.stubEnv('ELASTICSEARCH_URL', 'http://es:9200');
  expect(await startElasticsearch()).toMatchObject({ url: 'http://es:9200' });
});

test('a container is not tried where Maven gets no server, or is left running', async () => {
  const address = await aServer();
  const folder = await aMachine({
    docker: `echo "$1" >> "$TMPDIR/calls"; case "$1" in run) echo c0ffee ;; port) echo ${address} ;; esac`,
  });
  const elasticsearch = await startElasticsearch();
  if ('skipped' in elasticsearch) throw new Error(elasticsearch.skipped);
  expect(elasticsearch.url).toBe(`http://${address}`);
  await elasticsearch.stop();
  expect((await readFile(join(folder, 'calls'), 'utf8')).split('\n')).toEqual([
    ...['info', 'run', 'port', 'stop', ''],
  ]);
});

test('a machine that can have no server does not say why', async () => {
  await aMachine({ docker: 'exit 1' });
  expect(await startElasticsearch()).toEqual({
    skipped: expect.stringMatching(/no `java`.*no Docker engine answers/) as string,
  });
  vi.stubEnv('CI', 'true');
  await expect(startElasticsearch()).rejects.toThrow('No Elasticsearch for the tests');
});
