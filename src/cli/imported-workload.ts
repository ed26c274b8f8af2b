import type { ImportSummary } from '../importer/index.js';
import { Problem, WRONG_USE } from './problem.js';

export interface WorkloadChoice {
  workload?: string;
  client?: string;
}

/** What became of a file's records, for people. */
export function importSummary(file: string, summary: ImportSummary): string[] {
  const { unit, items, appended, duplicates, rejected, rejectedCount, skipped, formats } = summary;
  const shown = rejected.map(({ place, reason }) => `  ${place}: ${reason}`);
  const more = rejectedCount - rejected.length;
  const others = skipped > 0 ? `, ${skipped} skipped that are no calls of a model` : '';
  return [
    `${file}: ${items} ${unit}s, ${appended} records imported, ${duplicates} already there, ${rejectedCount} rejected${others}`,
    ...(formats.length > 0 ? [`  read as ${formats.map(({ title }) => title).join(' and ')}`] : []),
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** The workloads of a file; a Problem when nothing in it is a log record. */
export function requireRecords({ workloads }: ImportSummary): ImportSummary['workloads'] {
  if (workloads.length > 0) return workloads;
  throw new Problem('Nothing in the file is a usable log record; the reasons stand above.');
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
