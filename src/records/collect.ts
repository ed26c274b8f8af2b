import type { Rejection } from '../run-record.js';
import { REJECTIONS, type RejectionReason } from './canonical-record.js';
import type { Digest } from './digest.js';

const EXAMPLES = 3;

/** Counts each record that was left out under its one reason, with a few ids to look at. */
export class Rejections {
  private readonly counted = new Map<RejectionReason, { count: number; examples: string[] }>();

  add(reason: RejectionReason, id: string): void {
    const entry = this.counted.get(reason) ?? { count: 0, examples: [] };
    entry.count++;
    if (entry.examples.length < EXAMPLES) entry.examples.push(id);
    this.counted.set(reason, entry);
  }

  list(): Rejection[] {
    return [...this.counted]
      .map(([reason, { count, examples }]) => ({
        reason: `${reason}: ${REJECTIONS[reason]}`,
        count,
        examples,
      }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  }

  /** All reasons with their counts, and the most frequent one in words. */
  summary(): string {
    const sorted = [...this.counted].sort(([, a], [, b]) => b.count - a.count);
    const [most] = sorted;
    if (!most) return 'none';
    const counts = sorted.map(([reason, { count }]) => `${count} × ${reason}`);
    return `${counts.join(', ')} (${most[0]}: ${REJECTIONS[most[0]]})`;
  }
}

/** Keeps the newest answer to each request. */
export class UniqueRecords {
  private readonly kept = new Map<string, Digest>();
  duplicates = 0;
  /** Duplicates whose answer differs. */
  conflicts = 0;

  add(digest: Digest): void {
    const known = this.kept.get(digest.id);
    if (!known) {
      this.kept.set(digest.id, digest);
      return;
    }
    this.duplicates++;
    if (known.answer !== digest.answer) this.conflicts++;
    if (isNewer(digest, known)) this.kept.set(digest.id, digest);
  }

  /** The newest `limit`, in an order that depends on their content alone. */
  newest(limit: number | null): { kept: Digest[]; beyondLimit: number } {
    const sorted = [...this.kept.values()].sort(
      (a, b) => b.timestampMs - a.timestampMs || (a.id < b.id ? -1 : 1),
    );
    const kept = limit === null ? sorted : sorted.slice(0, limit);
    return { kept, beyondLimit: sorted.length - kept.length };
  }
}

/** Of equally old answers the one with the smaller hash: which came first in the store must not matter. */
const isNewer = (a: Digest, b: Digest): boolean =>
  a.timestampMs > b.timestampMs || (a.timestampMs === b.timestampMs && a.answer < b.answer);
