import type { LogRecord } from '../stores/log-store.js';

export interface ImportSummary {
  /** What `items` counts: lines that are not blank, items of a JSON document, rows of a table. */
  unit: 'line' | 'item' | 'row';
  items: number;
  appended: number;
  duplicates: number;
  /** What such a log holds besides calls of a model: runs of tools, other spans. */
  skipped: number;
  /** The first of the calls, lines and rows that are no usable record. */
  rejected: { place: string; reason: string }[];
  rejectedCount: number;
  /** What the values were taken for, most first. */
  formats: { title: string; count: number }[];
  /** What of the file is in the store now, most records first. */
  workloads: { workloadId: string; clientId: string; records: number }[];
}

export type ImportProgress = Pick<ImportSummary, 'items' | 'appended' | 'duplicates' | 'rejectedCount'> & {
  /** How much of the file has been read, from 0 to 1; null where that is not known. */
  share: number | null;
};

const REJECTED_SHOWN = 20;

/** Counts what becomes of a file. */
export class Tally {
  items = 0;
  appended = 0;
  duplicates = 0;
  skipped = 0;
  rejectedCount = 0;
  readonly #rejected: ImportSummary['rejected'] = [];
  readonly #formats = new Map<string, number>();
  readonly #workloads = new Map<string, ImportSummary['workloads'][number]>();

  reject(place: string, reason: string): void {
    this.rejectedCount += 1;
    if (this.#rejected.length < REJECTED_SHOWN) this.#rejected.push({ place, reason });
  }

  readAs(title: string): void {
    this.#formats.set(title, (this.#formats.get(title) ?? 0) + 1);
  }

  keep(record: unknown): void {
    // The store has accepted it, so it has both names.
    const { workload_id: workloadId, client_id: clientId } = record as LogRecord;
    const key = JSON.stringify([workloadId, clientId]);
    const workload = this.#workloads.get(key) ?? { workloadId, clientId, records: 0 };
    workload.records += 1;
    this.#workloads.set(key, workload);
  }

  progress(share: number | null): ImportProgress {
    const { items, appended, duplicates, rejectedCount } = this;
    return { items, appended, duplicates, rejectedCount, share };
  }

  summary(unit: ImportSummary['unit']): ImportSummary {
    const { items, appended, duplicates, skipped, rejectedCount } = this;
    const formats = [...this.#formats].map(([title, count]) => ({ title, count }));
    return {
      unit,
      items,
      appended,
      duplicates,
      skipped,
      rejectedCount,
      rejected: this.#rejected,
      formats: formats.sort((a, b) => b.count - a.count),
      workloads: [...this.#workloads.values()].sort((a, b) => b.records - a.records),
    };
  }
}
