import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const STOP_MS = 10_000;

/**
 * Starts one of our modules as a process of its own, in a process group of its own: a Ctrl-C in the terminal reaches
 * only us, and we stop our children in order. A child ends by itself when we are gone, since its channel closes then.
 */
export function forkModule(name: string, args: string[]): ChildProcess {
  const extension = extname(fileURLToPath(import.meta.url));
  return fork(fileURLToPath(new URL(`./${name}${extension}`, import.meta.url)), args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: extension === '.ts' ? ['--import', 'tsx'] : [],
  });
}

/** The last lines that a child printed, for the message when it fails. */
export function lastOutput(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-2_000);
    });
  return () => text.trim().split('\n').slice(-5).join('\n');
}

/** Ends a child: asked first, then forced. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(force);
}
