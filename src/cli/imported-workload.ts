import type { ImportSummary } from '../importer/index.js';
import { Problem, WRONG_USE } from './problem.js';

export interface WorkloadChoice {
  workload?: string;
  client?: string;
}

/** What became of a file's lines, for people. */
export function importSummary(file: string, summary: ImportSummary): string[] {
  const { lines, appended, duplicates, rejected, rejectedCount } = summary;
  const shown = rejected.map(({ line, reason }) => `  line ${line}: ${reason}`);
  const more = rejectedCount - rejected.length;
  return [
    `${file}: ${lines} lines, ${appended} records imported, ${duplicates} already there, ${rejectedCount} rejected`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** The workloads of a file; a Problem when not one of its lines is a log record. */
export function requireRecords({ workloads }: ImportSummary): ImportSummary['workloads'] {
  if (workloads.length > 0) return workloads;
  throw new Problem('No line of the file is a usable log record; the reasons stand above.');
}

/** The workload that is meant: the only one, or the one that is named. */
export function chooseWorkload(
  summary: ImportSummary,
  { workload, client }: WorkloadChoice,
): { workloadId: string; clientId: string } {
  const workloads = requireRecords(summary);
  const matching = workloads.filter(
    ({ workloadId, clientId }) =>
      (workload === undefined || workloadId === workload) && (client === undefined || clientId === client),
  );
  const [only] = matching;
  if (only && matching.length === 1) return { workloadId: only.workloadId, clientId: only.clientId };
  const list = workloads.map(
    ({ workloadId, clientId, records }) =>
      `  --client '${clientId}' --workload '${workloadId}'   (${records} records)`,
  );
  const reason = matching.length === 0 ? 'The file has no such workload' : 'The file holds several workloads';
  throw new Problem(`${reason}; name one of:\n${list.join('\n')}`, WRONG_USE);
}
