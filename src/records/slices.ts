import type { WorkloadType } from '../run-record.js';
import { NO_TOOL } from './digest.js';
import type { Digests } from './digests.js';

/** Evaluation rows that are scored by the same metrics, in one file. */
export interface Slice {
  type: WorkloadType;
  file: string;
  tools: boolean;
  /** Numbers of records, as in the digests. */
  rows: Uint32Array;
}

/** As it is set, else tool-calling as soon as any record has a tool call. */
export function workloadTypeOf(
  digests: Digests,
  records: Uint32Array,
  set: 'auto' | WorkloadType,
): WorkloadType {
  if (set !== 'auto') return set;
  return records.some((record) => digests.labelOf(record) !== NO_TOOL) ? 'tool-calling' : 'generic';
}

/**
 * Tool rows and plain rows apart; plain rows with tools apart from those without, since a request may name a tool
 * choice only when it offers tools. Tool rows have the blueprint's file name; in a generic workload the first slice has.
 */
export function slicesOf(digests: Digests, rows: Uint32Array, workloadType: WorkloadType): Slice[] {
  const isPlain = (record: number) => digests.labelOf(record) === NO_TOOL;
  const plain = rows.filter(isPlain);
  const withTools = plain.filter(digests.hasTools);
  const withoutTools = plain.filter((record) => !digests.hasTools(record));
  const calls: Slice = {
    type: 'tool-calling',
    file: 'eval_data.jsonl',
    tools: true,
    rows: rows.filter((record) => !isPlain(record)),
  };
  const plainFiles = workloadType === 'generic' ? ['eval_data.jsonl', 'eval_plain.jsonl'] : PLAIN_FILES;
  const plainSlices = [
    { tools: true, rows: withTools },
    { tools: false, rows: withoutTools },
  ]
    .filter((slice) => slice.rows.length > 0)
    .map((slice, i) => ({ type: 'generic' as const, file: plainFiles[i] ?? 'eval_plain.jsonl', ...slice }));
  return [...(calls.rows.length > 0 ? [calls] : []), ...plainSlices];
}

const PLAIN_FILES = ['eval_plain.jsonl', 'eval_plain_no_tools.jsonl'];
