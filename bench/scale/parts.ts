import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, stopChild } from '../../src/cli/child-process.js';
import type { Services } from '../../src/cli/services.js';

/** A process of its own, whose output goes to `<name>.log` in the folder of the benchmark. */
export interface Part {
  name: string;
  pid: number;
  output: string;
}

interface Start {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  isReady: (output: string) => Promise<boolean>;
}

const LOOK_MS = 100;

export const startPart = (services: Services, folder: string, name: string, start: Start): Promise<Part> =>
  services
    .start(
      name,
      () => spawnPart(join(folder, `${name}.log`), start),
      ({ child }) => stopChild(child),
      ({ child }) => once(child, 'exit'),
    )
    .then(({ child, output }) => ({ name, pid: child.pid ?? 0, output }));

async function spawnPart(
  output: string,
  { command, args, env, isReady }: Start,
): Promise<{ child: ChildProcess; output: string }> {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const file = createWriteStream(output);
  for (const stream of [child.stdout, child.stderr]) stream.pipe(file, { end: false });
  const said = () => readFile(output, 'utf8').catch(() => '');
  while (!(await isReady(await said()))) {
    if (!isAlive(child)) throw new Error(`it ended: ${await said()}`);
    await sleep(LOOK_MS);
  }
  return { child, output };
}

/** What the kernel says of a process: CPU-seconds since it began, and the most memory that it ever had. */
export interface Usage {
  cpuSeconds: number;
  peakMegabytes: number;
}

const TICKS_PER_SECOND = 100;

/** proc(5): utime and stime are the 14th and 15th field of `stat`, of which the second may hold blanks. */
export async function usageOf({ pid }: Part): Promise<Usage> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
  return {
    cpuSeconds: (Number(user) + Number(system)) / TICKS_PER_SECOND,
    peakMegabytes: Number(kilobytes) / 1024,
  };
}

/** Warnings in what a process said, each once. */
export async function warningsOf({ output }: Part): Promise<string[]> {
  const lines = (await readFile(output, 'utf8')).split('\n');
  return [...new Set(lines.flatMap((line) => /\w*Warning: .*/.exec(line)?.[0] ?? []))];
}
