import { z } from 'zod';
import type { RecorderStatus } from './recorder-messages.js';

const count = z.int().min(0);

/** `GET /api/proxy`. */
export const proxyStatus = z
  .object({
    upstream: z.string(),
    records: z.object({
      stored: count,
      waiting: count,
      waiting_bytes: count,
      waiting_bytes_limit: count.describe('beyond so many waiting bytes records are dropped'),
      dropped: count,
      refused: count,
    }),
    dropped_by_reason: z.record(z.string(), count).describe('they sum up to `dropped`'),
    not_logged: z.record(z.string(), count).describe('by reason'),
    store_problem: z
      .string()
      .nullable()
      .describe('why the store takes nothing, or not all; null: it takes all'),
  })
  .meta({ id: 'ProxyStatus' });

export type ProxyStatus = z.output<typeof proxyStatus>;

export function statusOf(
  { spool }: { spool: { limitBytes: number } },
  upstream: string,
  { counts, waiting, waitingBytes, problem }: RecorderStatus,
): ProxyStatus {
  const { stored, refused } = counts;
  return {
    upstream,
    records: {
      ...{ stored, waiting, waiting_bytes: waitingBytes, waiting_bytes_limit: spool.limitBytes },
      ...{ dropped: Object.values(counts.dropped).reduce((sum, lost) => sum + lost, 0), refused },
    },
    dropped_by_reason: byReason(counts.dropped),
    not_logged: byReason(counts.skipped),
    store_problem: problem,
  };
}

const byReason = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([reason, times]) => [reason.replaceAll('-', '_'), times]));
