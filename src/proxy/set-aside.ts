import type { Logger } from '../logger.js';
import type { AppendError } from '../stores/log-store.js';
import type { Counts } from './counts.js';
import type { Lines } from './lines.js';
import { Seldom } from './seldom.js';
import type { Spool, UnreadBatch } from './spool.js';

/**
 * Keeps on disk, for the next start, what would keep all others from the store: whoever starts the proxy again, with another
 * key or once another server lets them pass, has it tried again.
 */
export class SetAside {
  readonly #spool: Spool;
  readonly #counts: Counts;
  readonly #logger: Logger;
  readonly #seldom = { aside: new Seldom(), dropped: new Seldom() };
  #reason = '';

  constructor(parts: { spool: Spool; counts: Counts; logger: Logger }) {
    this.#spool = parts.spool;
    this.#counts = parts.counts;
    this.#logger = parts.logger;
  }

  /** null: there is nothing. */
  get problem(): string | null {
    const { aside } = this.#spool;
    return aside === 0 ? null : `${aside} records are set aside until the next start: ${this.#reason}`;
  }

  /** Of these lines those that were not taken; what has no room is dropped, counted and told. */
  keep(lines: Lines, notTaken: AppendError[]): void {
    const [first] = notTaken;
    if (!first) return;
    this.#reason = first.reason;
    const { texts } = lines;
    const aside = notTaken.flatMap(({ index }) => texts[index] ?? []);
    const kept = this.#spool.setAside(aside);
    if (kept > 0) this.#tell();
    if (kept < aside.length)
      this.#drop('spool-full', aside.length - kept, `there is no room to set them aside: ${first.reason}`);
  }

  tellUnread({ records, isGone, why }: UnreadBatch): void {
    if (isGone) return this.#drop('disk', records, why);
    this.#reason = why;
    this.#tell();
  }

  #tell(): void {
    const told = { records: this.#spool.aside, reason: this.#reason };
    this.#seldom.aside.do(() => this.#logger.warn(told, 'records are set aside until the next start'));
  }

  #drop(why: 'spool-full' | 'disk', records: number, reason: string): void {
    const dropped = (this.#counts.dropped[why] += records);
    this.#seldom.dropped.do(() => this.#logger.error({ reason, dropped }, 'records are dropped'));
  }
}
