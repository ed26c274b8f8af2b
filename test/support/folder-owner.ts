import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { built } from './built.js';

const MODULE = built('src/datasets/private-folder.ts');
const OWNER = `
  const { PrivateFolder } = await import(process.argv[1]);
  console.log((await PrivateFolder.create(process.argv[2])).path);
  setInterval(() => undefined, 1_000);`;

/** A process of its own that has a folder in `parent`, with a file in it. */
export async function anOwner(parent: string): Promise<{ child: ChildProcess; folder: string }> {
  const args = ['--input-type=module', '-e', OWNER, MODULE, parent];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [path] = (await once(child.stdout, 'data')) as [Buffer];
  const folder = path.toString().trim();
  writeFileSync(join(folder, 'records-0'), 'what somebody said');
  return { child, folder };
}

/** What a killed process leaves in `parent`. */
export async function leaveFolder(parent: string): Promise<void> {
  const { child } = await anOwner(parent);
  child.kill('SIGKILL');
  await once(child, 'exit');
}
