import { OPEN_STATUSES } from '../run-record.js';
import type { ListedRun, RunStore } from './run-store.js';

/** One of the runs of a workload that are open, and may have to read its records once more; null: there is none. */
export async function openRunOf(
  runs: RunStore,
  { clientId, workloadId }: { clientId: string; workloadId: string },
): Promise<ListedRun | null> {
  for (const status of OPEN_STATUSES) {
    const [run] = (await runs.list({ status, clientId, workloadId, limit: 1 })).runs;
    if (run) return run;
  }
  return null;
}
