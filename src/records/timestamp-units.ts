import { asFields } from './canonical-message.js';
import { FIRST_MILLISECONDS, timestampMs } from './timestamp.js';

/** As it travels between threads. */
export interface UnitCounts {
  seconds: number;
  others: number;
}

/** Counts by the unit of their time the records that a store keeps as they were written. */
export class TimestampUnits {
  private seconds = 0;
  private others = 0;

  add(record: unknown): void {
    const timestamp = asFields(record)?.['timestamp'];
    if (timestampMs(timestamp) === null) return;
    if (Number(timestamp) < FIRST_MILLISECONDS) this.seconds++;
    else this.others++;
  }

  merge({ seconds, others }: UnitCounts): void {
    this.seconds += seconds;
    this.others += others;
  }

  counts(): UnitCounts {
    return { seconds: this.seconds, others: this.others };
  }

  /** Both units in one workload: we read them rightly, but the order of the store, and of who looks into it, is wrong. */
  warnings(): string[] {
    if (this.seconds === 0 || this.others === 0) return [];
    return [
      `${this.seconds} records of this workload have timestamps in seconds, ${this.others} in milliseconds or as ` +
        'dates. This job has read both rightly, but Elasticsearch takes seconds for milliseconds: in every search of ' +
        'the index by time those records lie in January 1970. Let all exporters write milliseconds, or send their ' +
        'records to POST /api/logs, which converts them.',
    ];
  }
}
