import type { JobDetail, JobEvaluation } from '../gateway/wire.js';

const EXPERIMENTS: Record<string, string> = {
  'base-eval': 'as it is',
  'icl-eval': 'in-context',
  'customized-eval': 'customized',
};
const ORDER = Object.keys(EXPERIMENTS);

/** What scores are called, in the order of the table's columns. */
export const SCORE_TITLES: Record<string, string> = {
  function_name: 'right function',
  function_name_and_args_accuracy: 'and arguments',
  tool_calling_correctness: 'judged right',
  similarity: 'similarity (of 10)',
};

/** A candidate's experiments in rows, its scores in columns, each with interval and n. */
export function resultTable(job: JobDetail): string {
  const keys = Object.keys(SCORE_TITLES).filter((key) =>
    job.nims.some((nim) => nim.evaluations.some((e) => key in e.counts)),
  );
  const rows = job.nims.flatMap((nim) =>
    ORDER.flatMap((type) => nim.evaluations.filter((evaluation) => evaluation.eval_type === type)).map(
      (evaluation, i) => [
        i === 0 ? nim.model_name : '',
        EXPERIMENTS[evaluation.eval_type] ?? evaluation.eval_type,
        ...keys.map((key) => cell(evaluation, key)),
      ],
    ),
  );
  return align([['candidate', 'experiment', ...keys.map((key) => SCORE_TITLES[key] ?? key)], ...rows]);
}

function cell({ scores, counts, failed, intervals, status }: JobEvaluation, key: string): string {
  const n = counts[key];
  if (n === undefined) return status === 'completed' ? '–' : status;
  const lost = failed[key] ? ` (${failed[key]} failed)` : '';
  const value = scores[key];
  if (value === undefined) return `– n ${n}${lost}`;
  const digits = key === 'similarity' ? 1 : 2;
  const interval = intervals[key];
  const bounds = interval ? ` [${interval.map((bound) => bound.toFixed(digits)).join(', ')}]` : '';
  return `${value.toFixed(digits)}${bounds} n ${n}${lost}`;
}

function align(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const [head = [], ...body] = rows.map(line);
  return [head, '─'.repeat(Math.max(...rows.map((row) => line(row).length))), ...body].flat().join('\n');
}

/** One line for each candidate: its verdict, or why there is none. */
export const verdictLines = (job: JobDetail): string[] =>
  job.nims.map(({ model_name, verdict, error }) => `${model_name}: ${verdict?.text ?? error ?? 'no result'}`);
