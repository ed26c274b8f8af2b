import { type SkipReason, SKIPPED } from './exchange.js';

/** Why a record is lost. */
export const DROPPED = [
  // What was not on disk yet held all the memory that it may.
  'memory',
  // As many records wait as may.
  'spool-full',
  // They could not be written.
  'disk',
  // A crash of the machine has left half of them.
  'crash',
  // The thread that logs has ended.
  'thread',
] as const;

export type DropReason = (typeof DROPPED)[number];

/** What has become of the chat completions since the start; what waited then is counted when it is stored. */
export interface Counts {
  stored: number;
  /** The store would never take them. */
  refused: number;
  dropped: Record<DropReason, number>;
  skipped: Record<SkipReason, number>;
}

export const newCounts = (): Counts => ({
  ...{ stored: 0, refused: 0 },
  dropped: each(DROPPED, () => 0),
  skipped: each(SKIPPED, () => 0),
});

export const sumOf = (one: Counts, other: Counts): Counts => ({
  stored: one.stored + other.stored,
  refused: one.refused + other.refused,
  dropped: each(DROPPED, (reason) => one.dropped[reason] + other.dropped[reason]),
  skipped: each(SKIPPED, (reason) => one.skipped[reason] + other.skipped[reason]),
});

const each = <Reason extends string>(reasons: readonly Reason[], count: (reason: Reason) => number) =>
  Object.fromEntries(reasons.map((reason) => [reason, count(reason)])) as Record<Reason, number>;
