import type { WorkloadSummary } from '../stores/log-store.js';
import type { ReadableLogs } from '../stores/visible-logs.js';
import type { Collected } from './collect.js';
import type { DatasetRequest } from './request.js';

const MOST_NAMES = 20;

/** Datasets cannot be built of so few records; the message says how many there are and why no more. */
export class TooFewRecords extends Error {
  override readonly name = 'TooFewRecords';
  /** Whether the store has no record of the workload at all. */
  readonly isUnknownWorkload: boolean;

  constructor(message: string, isUnknownWorkload: boolean) {
    super(message);
    this.isUnknownWorkload = isUnknownWorkload;
  }
}

export function tooFewRead(
  request: DatasetRequest,
  read: number,
  known: WorkloadSummary[],
  { isPartial = false }: Pick<ReadableLogs, 'isPartial'>,
): TooFewRecords {
  return new TooFewRecords(
    `Not enough records found for the given workload. A minimum of ${request.split.minTotalRecords} records is required, ` +
      `but only ${read} were found.${read > 0 ? '' : whatThereIs(request, known, isPartial)}`,
    read === 0,
  );
}

export function tooFewValid(
  { split }: DatasetRequest,
  { read, rejections, unique }: Collected,
  valid: number,
): TooFewRecords {
  const limited =
    split.limit !== null && split.limit < split.minTotalRecords ? ` limit is ${split.limit}.` : '';
  return new TooFewRecords(
    `Insufficient valid records. Found ${valid} but need ${split.minTotalRecords}.${limited} Total records: ${read}, ` +
      `duplicates: ${unique.dropped().duplicates}, left out: ${rejections.summary()}. Please provide more valid records.`,
    false,
  );
}

function whatThereIs(
  { workloadId, clientId }: DatasetRequest,
  known: WorkloadSummary[],
  isPartial: boolean,
): string {
  const own = known.filter((workload) => workload.clientId === clientId);
  if (own.length > 0)
    return ` Client ${clientId} has no workload ${workloadId}, but has: ${listed(own.map(nameOf))}.`;
  if (known.length === 0) return isPartial ? ` Client ${clientId} has none.` : ' The store is empty.';
  const others = known.map((workload) => `${workload.clientId} / ${nameOf(workload)}`);
  return ` There is no client ${clientId}, but there are: ${listed(others)}.`;
}

const nameOf = ({ workloadId, records }: WorkloadSummary): string => `${workloadId} (${records})`;

const listed = (names: string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;
