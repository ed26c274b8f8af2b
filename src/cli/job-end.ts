import type { JobDetail } from '../gateway/wire.js';
import { INTERRUPTED, Problem } from './problem.js';

/** Ends the program as the job has ended: with an error unless it is completed. */
export function unlessCompleted({ id, status, error }: JobDetail): void {
  if (status === 'completed') return;
  const exitCode = status === 'cancelled' ? INTERRUPTED : 1;
  throw new Problem(`Job ${id} ended as ${status}: ${error ?? 'no reason given'}`, exitCode);
}
