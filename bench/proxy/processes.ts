import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const Said = z.object({ url: z.string() });

/** `nice` alone lets it finish its turn on Linux before whoever wakes up: sched(7), SCHED_IDLE. */
const BEHIND_ALL = process.platform === 'linux' ? ['chrt', '--idle', '0'] : ['nice', '-n', '19'];

/** An upstream, a gateway and the proxy before it, each a process; all are gone after `use`. */
export async function withProcesses(
  use: (urls: { upstream: string; proxy: string }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-bench-'));
  const children: ChildProcess[] = [];
  try {
    const upstream = await startModule('upstream-process', [], children);
    // That of users is on another machine: it takes what the others leave of this one.
    const gateway = await startModule('gateway-process', [folder], children, BEHIND_ALL);
    const proxy = await startProxy(upstream, gateway, folder, children);
    await use({ upstream, proxy });
  } finally {
    for (const child of children.reverse()) {
      // One that could not start has ended already.
      if (child.exitCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  }
}

async function startModule(
  name: string,
  args: string[],
  children: ChildProcess[],
  before: string[] = [],
): Promise<string> {
  const [command = process.execPath, ...words] = [...before, process.execPath];
  const child = fork(new URL(`./${name}.ts`, import.meta.url), args, {
    execPath: command,
    execArgv: [...words, ...process.execArgv, '--import', 'tsx'],
  });
  children.push(child);
  const [said]: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  return Said.parse(said, { error: () => `${name} did not start` }).url;
}

/** As users start it, with a build. */
async function startProxy(upstream: string, gateway: string, folder: string, children: ChildProcess[]) {
  const names = ['--client', 'bench', '--workload', 'bench', '--spool', join(folder, 'spool')];
  const args = [
    'dist/src/cli/main.js',
    'proxy',
    '--upstream',
    upstream,
    '--url',
    gateway,
    '--port',
    '0',
    ...names,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
      const url = /Passing (\S+)\/v1 on to/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.on('exit', () =>
      reject(new Error(`the proxy did not start: build the program (npm run build)\n${output}`)),
    );
  });
}
