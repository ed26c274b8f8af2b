import type { Rejection } from '../run-record.js';
import { REJECTIONS, type RejectionReason } from './canonical-record.js';
import type { Digests } from './digests.js';
import { RecordTable } from './record-table.js';

/** Of records that were left out: to look at. */
export const EXAMPLES = 3;

/** As it travels between threads. */
export type CountedRejections = [RejectionReason, { count: number; examples: string[] }][];

/** Counts each record that was left out under its one reason, with a few ids to look at: the first in their order. */
export class Rejections {
  private readonly counted = new Map<RejectionReason, { count: number; examples: string[] }>();

  add(reason: RejectionReason, id: string): void {
    this.merge([[reason, { count: 1, examples: [id] }]]);
  }

  merge(others: CountedRejections): void {
    for (const [reason, { count, examples }] of others) {
      const known = this.counted.get(reason) ?? { count: 0, examples: [] };
      this.counted.set(reason, {
        count: known.count + count,
        examples: [...known.examples, ...examples].sort().slice(0, EXAMPLES),
      });
    }
  }

  counts(): CountedRejections {
    return [...this.counted];
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

/** What became of valid records that have no place in the datasets. */
export interface Dropped {
  duplicates: number;
  /** Duplicates whose answer differs from the one that is kept. */
  conflicts: number;
  /** Numbers of records, the first in their order. */
  examples: { duplicates: number[]; conflicts: number[] };
}

/** Keeps the newest answer to each request. */
export class UniqueRecords {
  private readonly digests: Digests;
  private readonly kept: RecordTable;

  constructor(digests: Digests) {
    this.digests = digests;
    const sameId = (a: number, b: number) => digests.compareIds(a, b) === 0;
    this.kept = new RecordTable(digests.hashOf, sameId);
  }

  add(record: number): void {
    const known = this.kept.findOrAdd(record);
    if (known !== record && this.isNewer(record, known)) this.kept.replace(known, record);
  }

  /** Of all that were added: those of which another is kept. */
  dropped(): Dropped {
    const dropped: Dropped = { duplicates: 0, conflicts: 0, examples: { duplicates: [], conflicts: [] } };
    for (let record = 0; record < this.digests.length; record++) {
      const kept = this.kept.findOrAdd(record);
      if (kept === record) continue;
      dropped.duplicates++;
      this.addExample(dropped.examples.duplicates, record);
      if (this.digests.compareAnswers(kept, record) === 0) continue;
      dropped.conflicts++;
      this.addExample(dropped.examples.conflicts, record);
    }
    return dropped;
  }

  /** The newest `limit`, and those beyond it, in an order that depends on their content alone. */
  newest(limit: number | null): { kept: Uint32Array; beyondLimit: Uint32Array } {
    const { timestampOf, compareIds } = this.digests;
    const sorted = this.kept.all().sort((a, b) => timestampOf(b) - timestampOf(a) || compareIds(a, b));
    const end = limit ?? sorted.length;
    return { kept: sorted.slice(0, end), beyondLimit: sorted.slice(end) };
  }

  /** Of equally old answers the one with the smaller hash: which came first in the store must not matter. */
  private isNewer(a: number, b: number): boolean {
    const { timestampOf, compareAnswers, compareStoreKeys } = this.digests;
    const order = timestampOf(b) - timestampOf(a) || compareAnswers(a, b) || compareStoreKeys(a, b);
    return order < 0;
  }

  private addExample(examples: number[], record: number): void {
    const { compareIds, compareStoreKeys } = this.digests;
    const last = examples[EXAMPLES - 1];
    const order = (a: number, b: number) => compareIds(a, b) || compareStoreKeys(a, b);
    if (last !== undefined && order(last, record) <= 0) return;
    examples.push(record);
    examples.sort(order).splice(EXAMPLES);
  }
}
