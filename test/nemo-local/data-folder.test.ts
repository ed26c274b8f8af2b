import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { takeDataFolder as takeFolder } from '../../src/own-folder.js';
import { startNemoLocal } from '../../src/nemo-local/index.js';
import { aFolder, aPlatform } from '../support/local-platform.js';

const takeDataFolder = (folder: string) => takeFolder(folder, 'nemo-local');
const lockOf = (folder: string) => join(folder, 'nemo-local.pid');

/** A process that does nothing until it is killed. */
async function aProcess() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  const kill = async () => {
    if (child.kill('SIGKILL')) await once(child, 'exit');
  };
  onTestFinished(kill);
  await once(child, 'spawn');
  return { pid: child.pid, kill };
}

test('a folder of a living process is refused, with its number; of a killed one it is taken over', async () => {
  const folder = await aFolder();
  const other = await aProcess();
  await writeFile(lockOf(folder), `${other.pid}\n`);
  expect(() => takeDataFolder(folder)).toThrow(`another nemo-local, process ${other.pid}, uses`);
  expect(await readFile(lockOf(folder), 'utf8')).toBe(`${other.pid}\n`);
  await other.kill();
  takeDataFolder(folder);
  expect(await readFile(lockOf(folder), 'utf8')).toBe(`${process.pid}\n`);
});

test.each(['', 'nonsense\n', '-1\n', `${process.pid}\n`])(
  'a lock that holds %j, of no process that has the folder, is taken over',
  async (left) => {
    const folder = await aFolder();
    await writeFile(lockOf(folder), left);
    takeDataFolder(folder)();
    expect(existsSync(lockOf(folder))).toBe(false);
  },
);

test('a folder is this one nemo-local’s until it is closed', async () => {
  const dataDir = await aFolder();
  const first = await startNemoLocal({ dataDir });
  await expect(startNemoLocal({ dataDir })).rejects.toThrow(`process ${process.pid}, uses the data folder`);
  await first.close();
  await aPlatform({ dataDir });
});

test('a start that fails gives the folder back', async () => {
  const dataDir = await aFolder();
  const { nemoUrl } = await aPlatform();
  const ports = { nemo: Number(new URL(nemoUrl).port), nim: 0, dataStore: 0 };
  await expect(startNemoLocal({ dataDir, ports })).rejects.toThrow('another program is using it');
  await aPlatform({ dataDir });
});

test('a folder that cannot be written is named', async () => {
  const file = join(await aFolder(), 'file');
  await writeFile(file, '');
  expect(() => takeDataFolder(join(file, 'data'))).toThrow(
    `nemo-local cannot write to its data folder ${join(file, 'data')}: ENOTDIR`,
  );
});

test.runIf(process.platform === 'linux')(
  'a process that has ended unnoticed has no folder any more',
  async () => {
    const folder = await aFolder();
    // The shell becomes a program that never takes note of the end of what it has started.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec tail -f /dev/null'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    const state = () => readFile(`/proc/${pid}/stat`, 'utf8');
    await expect.poll(state, { timeout: 30_000 }).toMatch(/^\d+ \(.*\) Z /);
    await writeFile(lockOf(folder), `${pid}\n`);
    takeDataFolder(folder);
    expect(await readFile(lockOf(folder), 'utf8')).toBe(`${process.pid}\n`);
  },
);
