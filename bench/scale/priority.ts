import { writeFileSync } from 'node:fs';
import { messageOf } from '../../src/message-of.js';

/** An autogroup value of Linux, which weighs sessions against each other: sched(7). */
const AHEAD = -10;

/** Users are on another machine: that they wait for a processor of this one is not the gateway's doing. */
export function letGoFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, `${AHEAD}`, { flag: 'r+' });
  } catch (error) {
    console.log(`The reader waits for a processor as all do, which counts: ${messageOf(error)}`);
  }
}
