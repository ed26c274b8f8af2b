import wrapAnsi from 'wrap-ansi';
import type { JobDetail } from '../gateway/wire.js';
import { progressOf, type Step, type StepState } from './progress.js';

/** What stands before a step, one column wide; colours do not count. */
export type Signs = Record<StepState, string>;

/** A job's progress for a terminal of so many columns: a sign before each step, a candidate's steps below it. */
export const progressLines = (job: JobDetail, columns: number, signs: Signs): string[] =>
  progressOf(job).flatMap(({ steps, ...group }) => [
    ...stepLines(group, '', columns, signs),
    ...steps.flatMap((step) => stepLines(step, '  ', columns, signs)),
  ]);

function stepLines({ title, state, detail }: Step, indent: string, columns: number, signs: Signs): string[] {
  const text = detail === '' ? title : `${title} · ${detail}`;
  const [first = '', ...more] = wrapAnsi(text, columns - indent.length - 2, { hard: true }).split('\n');
  return [`${indent}${signs[state]} ${first}`, ...more.map((line) => `${indent}  ${line}`)];
}
