import { rejectedRecords } from '../metrics.js';
import type { AppendResult, LogStore } from '../stores/log-store.js';
import { type Caller, isWithin } from './caller.js';

/** Appends what the caller may append; records of other clients are refused one by one. */
export async function appendAs(
  caller: Caller,
  logs: LogStore,
  records: readonly unknown[],
): Promise<AppendResult> {
  const indices = [...records.keys()];
  const places = indices.filter((index) => mayAdd(caller, records[index]));
  const result = await logs.append(places.map((index) => records[index]));
  const taken = new Set(places);
  const foreign = indices.filter((index) => !taken.has(index));
  rejectedRecords(foreign.length);
  const errors = [
    ...result.errors.map(({ index, reason }) => ({ index: places[index] ?? index, reason })),
    ...foreign.map((index) => ({ index, reason: 'this key is not good for its `client_id`' })),
  ];
  return { ...result, errors: errors.sort((a, b) => a.index - b.index) };
}

/** What is no record at all is refused by the store, with its reason. */
function mayAdd(caller: Caller, record: unknown): boolean {
  if (typeof record !== 'object' || record === null || !('client_id' in record)) return true;
  return typeof record.client_id !== 'string' || isWithin(caller, record.client_id);
}
