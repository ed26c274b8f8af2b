import type { LogStore } from './log-store.js';

/** Logs as they are read; what is partial does not name the workloads of all clients. */
export type ReadableLogs = Pick<LogStore, 'export' | 'workloads'> & { isPartial?: boolean };

/** The logs, but for the names of what other clients have. */
export const visibleLogs = (logs: ReadableLogs, clientIds: readonly string[]): ReadableLogs => ({
  export: (query) => logs.export(query),
  workloads: () => logs.workloads({ clientIds }),
  isPartial: true,
});
