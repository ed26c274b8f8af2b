import { StoreError } from './store-error.js';

/** Where a run stands in the order of insertion; it never changes, so that pages stay whole under inserts. */
export interface RunPosition {
  sequence: number;
  runId: string;
}

let lastSequence = 0;

/** Increases with each call, over restarts too: microseconds of the clock, or one more than the last. */
export function nextSequence(): number {
  lastSequence = Math.max(lastSequence + 1, Date.now() * 1000);
  return lastSequence;
}

export const toCursor = ({ sequence, runId }: RunPosition): string =>
  Buffer.from(`${sequence} ${runId}`).toString('base64url');

/** Reads a cursor of `toCursor`; a StoreError for any other text. */
export function fromCursor(cursor: string): RunPosition {
  const [, sequence, runId] = /^(\d{1,16}) (.+)$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (sequence === undefined || runId === undefined) {
    throw new StoreError(`"${cursor}" is no cursor: pass the nextCursor of the page before`, {
      retryable: false,
    });
  }
  return { sequence: Number(sequence), runId };
}
