import { records } from '../metrics.js';
import type { AppendResult, LogStore } from './log-store.js';

/** Counts what is appended, for Prometheus. */
export function counted(logs: LogStore): LogStore {
  const append = logs.append.bind(logs);
  logs.append = async (items) => {
    const result = await append(items);
    count(result);
    return result;
  };
  return logs;
}

function count({ appended, duplicates, errors }: AppendResult): void {
  records.inc({ outcome: 'appended' }, appended);
  records.inc({ outcome: 'duplicate' }, duplicates);
  records.inc({ outcome: 'rejected' }, errors.length);
}
