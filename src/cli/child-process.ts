import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const STOP_MS = 10_000;
/** For output that is read only after the exit. */
const LAST_WORDS_MS = 200;

/**
 * Starts one of our modules as a process of its own, in a process group of its own: a Ctrl-C in the terminal reaches
 * only us, and we stop our children in order. A child ends by itself when we are gone, since its channel closes then.
 */
export function forkModule(name: string, args: string[]): ChildProcess {
  const extension = extname(fileURLToPath(import.meta.url));
  return fork(fileURLToPath(new URL(`./${name}${extension}`, import.meta.url)), args, {
    detached: true,
    // What a child says of itself is of no interest; what it complains of is, when it ends.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: extension === '.ts' ? ['--import', 'tsx'] : [],
  });
}

/** Rejects, with its last words, when the child ends; of interest until it is stopped. */
export async function endOf(child: ChildProcess, output: () => string): Promise<never> {
  if (isAlive(child)) await once(child, 'exit');
  await Promise.race([once(child, 'close'), sleep(LAST_WORDS_MS)]);
  const said = output() && `; it last said:\n${output()}`;
  throw new Error(`its process ended (${child.signalCode ?? `status ${child.exitCode}`})${said}`);
}

/** The last lines of a child's errors, for the message when it fails. */
export function lastOutput(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-2_000);
  });
  return () => text.trim().split('\n').slice(-5).join('\n');
}

/** Ends a child: asked first, then forced. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (isAlive(child)) {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(force);
  }
  killGroup(child);
}

export const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/** Ends what a child that was killed has left in its process group. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody was left.
  }
}
