import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from './message-of.js';

/** Folders of this process: what its own number in a lock means only this tells, since numbers are used again. */
const ours = new Set<string>();

/**
 * Makes the data folder this process's own, by a file with its number; returns what gives it back. The lock of a process
 * that is no more is taken over. Throws with a message for people when the folder cannot be written, or another
 * `program` works in it: two would overwrite each other's state.
 */
export function takeDataFolder(folder: string, program: string): () => void {
  const lock = join(folder, `${program}.pid`);
  const inUse = (holder: number) => new InUse(program, folder, lock, holder);
  try {
    mkdirSync(folder, { recursive: true });
    if (!create(lock)) {
      removeStale(folder, lock, inUse);
      if (!create(lock)) throw inUse(readHolder(lock));
    }
  } catch (error) {
    if (error instanceof InUse) throw error;
    const reason = messageOf(error);
    throw new Error(`${program} cannot write to its data folder ${folder}: ${reason}`, { cause: error });
  }
  ours.add(folder);
  return () => {
    ours.delete(folder);
    rmSync(lock, { force: true });
  };
}

class InUse extends Error {
  constructor(program: string, folder: string, lock: string, holder: number) {
    super(
      `another ${program}, process ${holder}, uses the data folder ${folder}: stop it, or choose another folder. ` +
        `If process ${holder} is something else, delete ${lock}`,
    );
  }
}

/** Whether the lock is ours now; false when there is one. */
function create(lock: string): boolean {
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function removeStale(folder: string, lock: string, inUse: (holder: number) => InUse): void {
  const holder = readHolder(lock);
  const isHeld = holder === process.pid ? ours.has(folder) : isAlive(holder);
  if (isHeld) throw inUse(holder);
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    // Another start has found it stale too, and was faster.
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const moved = readHolder(aside);
  if (Object.is(moved, holder)) return rmSync(aside);
  // That faster start has put its own lock here meanwhile.
  renameSync(aside, lock);
  throw inUse(moved);
}

/** The number in the lock; NaN when there is none, as after a crash of the machine. */
function readHolder(lock: string): number {
  try {
    return Number.parseInt(readFileSync(lock, 'utf8'), 10);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return Number.NaN;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0) && !isZombie(pid);
  } catch (error) {
    // Somebody else's process is alive, though it takes no signal from us.
    return isCode(error, 'EPERM');
  }
}

/** Whether a process has ended, and nobody has taken note of it yet; where there is no `/proc`, none is found. */
function isZombie(pid: number): boolean {
  try {
    // proc_pid_stat(5): the state follows the name, which is in brackets and may hold some itself.
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
