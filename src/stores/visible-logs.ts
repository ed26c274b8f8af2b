import type { LogStore } from './log-store.js';

/** Logs as they are read; what is partial does not name the workloads of all clients. */
export type ReadableLogs = Pick<LogStore, 'export' | 'workloads'> & { isPartial?: boolean };

/** The logs, but for the names of what other clients have. */
export const visibleLogs = (logs: ReadableLogs, isVisible: (clientId: string) => boolean): ReadableLogs => ({
  export: (query) => logs.export(query),
  async workloads() {
    const all = await logs.workloads();
    return all.filter(({ clientId }) => isVisible(clientId));
  },
  isPartial: true,
});
