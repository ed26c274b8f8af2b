import type { Logger } from '../logger.js';
import type { Counts, DropReason } from './counts.js';
import type { Exchange } from './exchange.js';
import { Seldom } from './seldom.js';
import type { Spool } from './spool.js';
import { toRecord } from './to-record.js';

/** Makes a record of each exchange and puts it on disk; one for which there is none, or no room, is counted and told. */
export class Spooler {
  readonly #spool: Spool;
  readonly #counts: Counts;
  readonly #logger: Logger;
  readonly #seldom = new Seldom();

  constructor(parts: { spool: Spool; counts: Counts; logger: Logger }) {
    this.#spool = parts.spool;
    this.#counts = parts.counts;
    this.#logger = parts.logger;
  }

  take(exchange: Exchange): void {
    const record = toRecord(exchange);
    if ('json' in record) return this.#keep(record.json);
    this.#counts.skipped[record.skipped] += 1;
    if (record.why === undefined) return;
    const { why } = record;
    this.#seldom.do(() => this.#logger.warn({ why }, 'an answer could not be read, and is not logged'));
  }

  #keep(json: string): void {
    try {
      if (this.#spool.add(json)) return;
      this.#drop(
        'spool-full',
        'the spool is full: the store has taken nothing for too long, or proxy.spool_mb is too little',
      );
    } catch (error) {
      this.#drop('disk', error instanceof Error ? error.message : String(error));
    }
  }

  #drop(why: DropReason, reason: string): void {
    const dropped = ++this.#counts.dropped[why];
    this.#seldom.do(() => this.#logger.error({ reason, dropped }, 'records are dropped'));
  }
}
