import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logger.js';
import { messageOf } from '../message-of.js';
import type { Counts } from './counts.js';
import type { Lines } from './lines.js';
import { SetAside } from './set-aside.js';
import type { Spool } from './spool.js';
import type { Target } from './target.js';

/** So long records gather, that one request carries many. */
const GATHER_MS = 200;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/** Brings what waits in the spool to the store, in order, again and again until it is taken. */
export class Delivery {
  readonly #spool: Spool;
  readonly #target: Target;
  readonly #counts: Counts;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #waitMs = FIRST_WAIT_MS;
  /** Why the store takes nothing; null: it does, as far as is known. */
  #problem: string | null = null;
  readonly #aside: SetAside;

  constructor(parts: { spool: Spool; target: Target; counts: Counts; logger: Logger }) {
    this.#spool = parts.spool;
    this.#target = parts.target;
    this.#counts = parts.counts;
    this.#logger = parts.logger;
    this.#aside = new SetAside(parts);
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Why the store takes nothing, or not all; null: it takes all, as far as is known. */
  get problem(): string | null {
    return this.#problem ?? this.#aside.problem;
  }

  /** Tries once more what waits, and ends. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    while ((await this.#deliver()) === 'more');
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const outcome = await this.#deliver();
      if (outcome === 'more' && this.#spool.isBehind) continue;
      const pauseMs = outcome === 'not-taken' ? this.#waitMs : GATHER_MS;
      this.#waitMs = outcome === 'not-taken' ? Math.min(this.#waitMs * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Brings the oldest records; `more`: there may be others, `none`: there were none. */
  async #deliver(): Promise<'more' | 'none' | 'not-taken'> {
    try {
      const batch = this.#spool.oldest();
      if (batch === null) return 'none';
      if ('why' in batch) {
        this.#aside.tellUnread(batch);
        return 'more';
      }
      await this.#append(batch.lines);
      this.#spool.remove(batch);
      if (this.#problem !== null) this.#logger.info('the store takes records again');
      this.#problem = null;
      return 'more';
    } catch (error) {
      const problem = messageOf(error);
      const { waiting } = this.#spool;
      if (problem !== this.#problem)
        this.#logger.warn({ reason: problem, waiting }, 'records wait on disk for the store');
      this.#problem = problem;
      return 'not-taken';
    }
  }

  async #append(lines: Lines): Promise<void> {
    if (lines.bytes.length === 0) return;
    const { appended, duplicates, errors, notTaken } = await this.#target.append(lines);
    // First: where the disk fails all of them are brought again, and only then counted.
    this.#aside.keep(lines, notTaken);
    this.#counts.stored += appended + duplicates;
    this.#counts.refused += errors.length;
    const [first] = errors;
    if (first)
      this.#logger.warn({ records: errors.length, reason: first.reason }, 'the store refused records');
  }
}
