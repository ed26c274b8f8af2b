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
    sample(task, index, { error, metrics }) {
      const place = `task ${task}, row ${index + 1}`;
      if (error !== undefined) return write('ERROR', `${place}: no answer to score: ${error}`);
      for (const [metric, outcome] of Object.entries(metrics))
        if (outcome.error !== undefined) write('ERROR', `${place}, metric ${metric}: ${outcome.error}`);
    },
  };
}

export const NO_LOG: EvaluationLog = { info: () => {}, error: () => {}, sample: () => {} };
