import type { SkipReason } from './exchange.js';
import type { RecorderStatus } from './recorder-messages.js';

/** `GET /api/proxy`. */
export interface ProxyStatus {
  upstream: string;
  records: {
    stored: number;
    waiting: number;
    waiting_bytes: number;
    /** Beyond so many waiting bytes records are dropped. */
    waiting_bytes_limit: number;
    dropped: number;
    refused: number;
  };
  not_logged: Record<string, number>;
  /** Why the store takes nothing; null: it does. */
  store_problem: string | null;
}

export function proxyStatus(
  { spool }: { spool: { limitBytes: number } },
  upstream: string,
  { counts, waiting, waitingBytes, problem }: RecorderStatus,
  skipped: Partial<Record<SkipReason, number>>,
): ProxyStatus {
  const { stored, dropped, refused } = counts;
  const all = Object.entries(counts.skipped) as [SkipReason, number][];
  return {
    upstream,
    records: {
      ...{ stored, waiting, waiting_bytes: waitingBytes, waiting_bytes_limit: spool.limitBytes },
      ...{ dropped, refused },
    },
    not_logged: Object.fromEntries(
      all.map(([reason, count]) => [reason.replaceAll('-', '_'), count + (skipped[reason] ?? 0)]),
    ),
    store_problem: problem,
  };
}
