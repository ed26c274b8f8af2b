import { readFileSync, writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** A nice value: a third of the weight that others have, when all want the processor. */
const BEHIND = 5;

/**
 * Lets this process, and the threads that it begins from now on, work in the background: where a gateway has the same
 * machine, whoever waits for its answer goes first.
 */
export function workInBackground(): void {
  orAsBefore(() => setPriority(Math.max(BEHIND, getPriority())));
  // Linux may weigh whole sessions against each other (sched(7), "autogroup"): then a nice value counts within one only.
  orAsBefore(() => {
    if (leadsSession()) writeFileSync('/proc/self/autogroup', `${BEHIND}`, { flag: 'r+' });
  });
}

/** proc(5): the session is the 6th field of `stat`, of which the second may hold blanks. */
function leadsSession(): boolean {
  if (process.platform !== 'linux') return false;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const session = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
  return session === `${process.pid}`;
}

/** A system that has no such thing, or refuses it, is none the worse. */
function orAsBefore(attempt: () => void): void {
  try {
    attempt();
  } catch {
    return;
  }
}
