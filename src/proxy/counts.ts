import { type SkipReason, SKIPPED } from './exchange.js';

/** What has become of the chat completions since the start; what waited then is counted when it is stored. */
export interface Counts {
  stored: number;
  /** The store would never take them. */
  refused: number;
  /** There was no room for them, on disk or in memory, or the disk failed. */
  dropped: number;
  skipped: Record<SkipReason, number>;
}

export const newCounts = (): Counts => ({
  ...{ stored: 0, refused: 0, dropped: 0 },
  skipped: Object.fromEntries(SKIPPED.map((reason) => [reason, 0])) as Counts['skipped'],
});
