import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { timestamp } from './entity-ids.js';
import type { Sample } from './evaluation-sample.js';

export const LOG_FILE = 'evaluation.log';

export interface EvaluationLog {
  info(message: string): void;
  error(message: string): void;
  /** Says of a scored row what went wrong with it, if anything did. */
  sample(task: string, index: number, sample: Sample): void;
}

/** A job's log: a line for each step, and for each row that could not be answered or scored. */
export function openEvaluationLog(folder: string): EvaluationLog {
  mkdirSync(folder, { recursive: true });
  const write = (level: string, message: string) =>
    appendFileSync(join(folder, LOG_FILE), `${timestamp()} ${level} ${message}\n`, { mode: 0o600 });
  return {
    info: (message) => write('INFO', message),
    error: (message) => write('ERROR', message),
    sample(task, index, sample) {
      for (const problem of problemsOf(task, index, sample)) write('ERROR', problem);
    },
  };
}

/** A log for who waits for the end: it notes what went wrong with rows alone. */
export const notingLog = (problems: string[]): EvaluationLog => ({
  info: () => {},
  error: () => {},
  sample: (task, index, sample) => void problems.push(...problemsOf(task, index, sample)),
});

function problemsOf(task: string, index: number, { error, metrics }: Sample): string[] {
  const place = `task ${task}, row ${index + 1}`;
  if (error !== undefined) return [`${place}: no answer to score: ${error}`];
  return Object.entries(metrics).flatMap(([metric, outcome]) =>
    outcome.error === undefined ? [] : [`${place}, metric ${metric}: ${outcome.error}`],
  );
}
