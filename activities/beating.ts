import { heartbeat } from '@temporalio/activity';

const BEAT_MS = 1_000;

/** Heartbeats for work that cannot: a transfer is one call, however long; a dead connection ends it. */
export async function beating<T>(details: unknown, work: Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(details), BEAT_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
