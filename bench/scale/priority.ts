import { writeFileSync } from 'node:fs';
import { messageOf } from '../../src/message-of.js';

/** Autogroup values of Linux, which weighs sessions against each other: sched(7). */
const AHEAD = -10;
const BEHIND = 10;

/** Users are on another machine: that they wait for a processor of this one is not the gateway's doing. */
export const letGoFirst = (pid: number): void =>
  weigh(pid, AHEAD, 'The reader waits for a processor as all do');

/** What has a machine of its own in production takes what the others leave of this one. */
export const letGoLast = (pid: number): void => weigh(pid, BEHIND, 'All parts wait for a processor alike');

function weigh(pid: number, value: number, otherwise: string): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, `${value}`, { flag: 'r+' });
  } catch (error) {
    console.log(`${otherwise}, which counts: ${messageOf(error)}`);
  }
}
