import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import type { Logger } from '../logger.js';
import type { RunRecord } from '../run-record.js';
import { closedRun, endedUnrecorded } from '../run-state.js';
import { type RunStore, stillOpen } from '../stores/run-store.js';
import { workflowStanding } from '../workflow-standing.js';
import { runWorkflowId } from '../../workflows/contract.js';
import { type WorkerLife, waitsToBegin } from './answer.js';
import {
  isDue,
  type KnownRun,
  longestWaitMs,
  type Look,
  noteRecord,
  nothingKnown,
  type Reading,
  readingOf,
  WAIT_MS,
} from './known-run.js';
import { noAnswers, queryRun } from './live-run.js';
import { isBeingStarted, withGoneWarning } from './lost-run.js';
import { Slots } from './slots.js';
import { askTemporal } from './temporal-call.js';

/** A query costs milliseconds of worker time: so many runs may be asked at a time. */
const QUERIES_AT_A_TIME = 8;
const QUERY_LIMIT_MS = 10_000;
/** Documents that are kept; the one that was read longest ago goes first. */
const KEPT = 1_000;

interface ReaderServices {
  temporal: Client;
  runs: RunStore;
  logger: Logger;
}

/** Reads runs: closed ones from the store; open ones from their workflows, or what was last known of them. */
export class RunReader {
  readonly #services: ReaderServices;
  readonly #runs = new Map<string, KnownRun>();
  readonly #slots = new Slots(QUERIES_AT_A_TIME);
  readonly #looks = new Set<Promise<void>>();
  readonly #questions = new Set<AbortController>();
  readonly #workers: WorkerLife = { heardAt: 0 };

  constructor(services: ReaderServices) {
    this.#services = services;
  }

  /** null: there is no such run. `patienceMs`: how long the look is waited for, however little old what is known is. */
  async read(runId: string, patienceMs?: number): Promise<Reading | null> {
    const known = this.#known(runId);
    const isOwnLook = isDue(known);
    const waitMs = patienceMs ?? longestWaitMs(known, isOwnLook);
    if (isOwnLook) known.look = this.#look(runId, known);
    if (known.look !== null) {
      const { begunAt, found, over } = known.look;
      const isFirst = known.run === null;
      if (isFirst) await found;
      const leftMs = begunAt + waitMs - Date.now();
      // What the store has just told of a closed run is of now, however long that took.
      if (isFirst || leftMs > 0) await atMost(Math.max(0, leftMs), over, undefined);
    }
    return known.run && readingOf(known.run, known);
  }

  /** The next reader of the run waits for the store's word: what is known of it has been changed. */
  forget(runId: string): void {
    this.#runs.delete(runId);
  }

  /** Remembers that the run's cancellation was accepted. */
  noteCancellation(runId: string): void {
    this.#known(runId).isCancelling = true;
  }

  /** An open run as it was last seen; null when it has not been read lately. */
  lastSeen(runId: string): RunRecord | null {
    return this.#runs.get(runId)?.run ?? null;
  }

  /** When the workflows of an open run were last heard, in epoch milliseconds; 0: not yet. */
  answeredAt(runId: string): number {
    return this.#runs.get(runId)?.answeredAt ?? 0;
  }

  /** Stops asking Temporal; its connection must not be closed before this resolves. */
  async close(): Promise<void> {
    for (const question of this.#questions) question.abort();
    await Promise.all(this.#looks);
  }

  #known(runId: string): KnownRun {
    const known = this.#runs.get(runId) ?? nothingKnown(this.#workers);
    this.#runs.delete(runId);
    this.#runs.set(runId, known);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > KEPT && oldest !== undefined) this.#runs.delete(oldest);
    return known;
  }

  #look(runId: string, known: KnownRun): Look {
    known.lookedAt = Date.now();
    const recorded = this.#recorded(runId, known);
    const over = recorded
      .then((record) => record && this.#renew(record, known))
      .catch((error: unknown) => {
        this.#services.logger.debug({ err: error, runId }, 'the run could not be looked at');
      })
      .then(() => {
        known.look = null;
        this.#looks.delete(over);
        if (known.run === null && this.#runs.get(runId) === known) this.#runs.delete(runId);
      });
    this.#looks.add(over);
    return { begunAt: known.lookedAt, found: recorded.then(() => undefined), over };
  }

  /** Notes what the store has, or, where it is silent, goes on with what is known; the run, if its workflow is to be asked. */
  async #recorded(runId: string, known: KnownRun): Promise<RunRecord | null> {
    const stored = this.#services.runs.get(runId);
    const record = known.run
      ? await atMost(WAIT_MS, stored.catch(this.#silent(runId)), undefined)
      : await stored.catch((error: unknown) => this.#fromWorkflow(runId, error));
    if (record === null) known.run = null;
    else if (record !== undefined) noteRecord(known, record);
    const run = record ?? known.run;
    return run?.finishedAt === null ? run : null;
  }

  #silent(runId: string) {
    return (error: unknown) => {
      this.#services.logger.debug({ err: error, runId }, 'the store did not answer');
      return undefined;
    };
  }

  /** Rejects with the store's error where the workflow knows no more than the store. */
  async #fromWorkflow(runId: string, storeError: unknown): Promise<RunRecord> {
    try {
      return await this.#ask(async (temporal) => {
        const description = await temporal.workflow.getHandle(runWorkflowId(runId)).describe();
        return await queryRun(temporal, runId, description, noAnswers(this.#workers));
      });
    } catch (error) {
      this.#services.logger.debug({ err: error, runId }, 'nor could the run be asked for its state');
      throw storeError;
    }
  }

  async #renew(record: RunRecord, known: KnownRun): Promise<void> {
    await this.#slots.use(async () => {
      known.lookedAt = Date.now();
      known.run = await this.#ask(() => this.#current(record, known), QUERY_LIMIT_MS);
      known.readAt = known.answeredAt = Date.now();
    });
  }

  async #ask<T>(question: (temporal: Client) => Promise<T>, limitMs?: number): Promise<T> {
    const { temporal } = this.#services;
    // One for each question: Temporal's client never removes its listeners, one for each of its calls.
    const asking = new AbortController();
    setMaxListeners(0, asking.signal);
    this.#questions.add(asking);
    try {
      return await temporal.withAbortSignal(asking.signal, () =>
        askTemporal(temporal, () => question(temporal), limitMs),
      );
    } finally {
      this.#questions.delete(asking);
    }
  }

  /** null: deleted meanwhile. */
  async #current(record: RunRecord, known: KnownRun): Promise<RunRecord | null> {
    const { temporal, runs } = this.#services;
    const standing = await workflowStanding(temporal, runWorkflowId(record.runId));
    if (standing.status === 'open') {
      // Kept although the query may fail: it is true without a worker.
      known.isCancelling ||= standing.isCancelling;
      if (record.stage === 'queued' && waitsToBegin(standing.description, this.#workers)) return record;
      return await queryRun(temporal, record.runId, standing.description, known.answers);
    }
    // The workflow records its end before it closes: a record that is open now stays so for ever.
    const last = await runs.get(record.runId);
    if (last === null || last.finishedAt !== null) return last;
    if (standing.status === 'unknown') return isBeingStarted(last, Date.now()) ? last : withGoneWarning(last);
    const closed = closedRun(last, endedUnrecorded(standing.closedAs), standing.closedAt, known.run);
    return (await runs.replace(closed, stillOpen)) ? closed : await runs.get(record.runId);
  }
}

async function atMost<T, O>(ms: number, work: Promise<T>, otherwise: O): Promise<T | O> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<O>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  return await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
