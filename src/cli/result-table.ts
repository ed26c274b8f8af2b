import type { JobDetail, JobEvaluation, JobNim } from '../gateway/wire.js';
import { EXPERIMENT_TITLES, SCORE_TITLES } from './titles.js';

type Row = string[];

/**
 * Every experiment's scores, each with interval, n and failed samples, in the widest form that fits; the last one fits
 * any terminal. Empty when nothing has been scored.
 */
export function resultTable({ nims }: JobDetail, columns = Infinity): string {
  const all = nims.flatMap(({ evaluations }) => evaluations);
  const keys = Object.keys(SCORE_TITLES).filter((key) => all.some(({ counts }) => key in counts));
  if (keys.length === 0) return '';
  const tried = nims.filter(({ evaluations }) => evaluations.length > 0);
  const fewer = keys.filter((key) => key !== 'tool_calling_correctness');
  const forms = [() => wide(tried, keys), () => narrow(tried, keys), () => narrow(tried, fewer)];
  const fitting = forms.map((form) => form()).find((table) => widthOf(table) <= columns);
  return fitting ?? list(tried, keys);
}

const wide = (nims: JobNim[], keys: string[]): string =>
  align([
    ['candidate', 'experiment', ...titles(keys)],
    ...nims.flatMap((nim) => rowsOf(nim, keys).map((row, i) => [i === 0 ? nim.model_name : '', ...row])),
  ]);

/** The candidates' names on lines of their own. */
const narrow = (nims: JobNim[], keys: string[]): string =>
  align([
    ['experiment', ...titles(keys)],
    ...nims.flatMap((nim) => [[nim.model_name], ...rowsOf(nim, keys)]),
  ]);

/** A line for each score. */
const list = (nims: JobNim[], keys: string[]): string =>
  align([
    ['experiment', 'score'],
    ...nims.flatMap((nim) => [
      [nim.model_name],
      ...rowsOf(nim, keys).flatMap(([experiment = '', ...cells]) =>
        cells.map((text, i) => [i === 0 ? experiment : '', titles(keys)[i] ?? '', text]),
      ),
    ]),
  ]);

const titles = (keys: string[]): Row => keys.map((key) => SCORE_TITLES[key] ?? key);

/** A candidate's experiments in their order, whichever ended first. */
const rowsOf = ({ evaluations }: JobNim, keys: string[]): Row[] =>
  Object.entries(EXPERIMENT_TITLES).flatMap(([type, title]) =>
    evaluations
      .filter(({ eval_type }) => eval_type === type)
      .map((evaluation) => [title, ...keys.map((key) => cell(evaluation, key))]),
  );

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

/** Rows in columns, under a head; a row of one cell is a heading, as long as it likes to be. */
function align(rows: Row[]): string {
  const cells = rows.filter((row) => row.length > 1);
  const columns = Math.max(...cells.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const [head = '', ...body] = rows.map((row) =>
    row
      .map((text, column) => (row.length > 1 ? text.padEnd(widths[column] ?? 0) : text))
      .join('  ')
      .trimEnd(),
  );
  return [head, '─'.repeat(widthOf([head, ...body].join('\n'))), ...body].join('\n');
}

const widthOf = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));
