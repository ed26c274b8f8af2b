import wrapAnsi from 'wrap-ansi';
import type { JobDetail } from '../gateway/wire.js';
import { sharesEnd } from './progress.js';
import { resultTable } from './result-table.js';

/** What came out of a job: its scores, a verdict for each candidate, and what it warns of. */
export function resultLines(job: JobDetail, columns = Infinity): string[] {
  const table = resultTable(job, columns);
  const warnings = job.warnings.map((warning) => `Warning: ${warning}`);
  const words = [...verdictLines(job), ...warnings].map((line) =>
    columns === Infinity ? line : wrapAnsi(line, columns),
  );
  return table === '' ? words : ['', table, '', ...words];
}

/** Prints what came out, for whoever reads it: a terminal of so many columns, or a file, which has room. */
export function showResult(job: JobDetail): void {
  const columns = process.stdout.isTTY ? process.stdout.columns : Infinity;
  for (const line of resultLines(job, columns)) console.log(line);
}

/** One line for each candidate: its verdict, or why there is none where that is not the reason of the job's end. */
export const verdictLines = (job: JobDetail): string[] =>
  job.nims
    .filter((nim) => nim.verdict !== null || !sharesEnd(job, nim))
    .map(({ model_name, verdict, error }) => `${model_name}: ${verdict?.text ?? error ?? 'no result'}`);
