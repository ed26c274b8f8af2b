import { once } from 'node:events';
import type { CustomizationFault, EvaluationFault } from './fault-schema.js';

export interface RunningJob {
  /** As errors call it. */
  what: string;
  /** Steps done, or rows scored, and how many there are. */
  done: number;
  total: number;
  signal: AbortSignal;
  /** Removes every trace of the job that callers could see. */
  vanish(): void;
}

type JobFault = CustomizationFault | EvaluationFault;

const ENDING: JobFault['kind'][] = ['fail', 'hang', 'vanish'];

/** Whether a job has come to where its fault ends it: by default failures come half-way, all else before the first step. */
export const isDue = (
  fault: JobFault | undefined,
  { done, total }: Pick<RunningJob, 'done' | 'total'>,
): fault is JobFault =>
  fault !== undefined &&
  ENDING.includes(fault.kind) &&
  done >= (fault.step ?? (fault.kind === 'fail' ? total / 2 : 0));

/** Ends a job as its fault asks, once that is due; resolves when nothing is to happen (yet). */
export async function strikeJob(
  fault: JobFault | undefined,
  { what, done, total, signal, vanish }: RunningJob,
): Promise<void> {
  if (!isDue(fault, { done, total })) return;
  if (fault.kind === 'hang') {
    if (!signal.aborted) await once(signal, 'abort');
    throw signal.reason;
  }
  if (fault.kind === 'vanish') vanish();
  throw new Error(`${what} stopped at step ${done} (${fault.kind} on request)`);
}
