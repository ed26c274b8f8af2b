import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import type { Logger } from '../logger.js';
import type { RunRecord } from '../run-record.js';
import type { RunStore } from '../stores/run-store.js';
import { queryRun, standingOf } from './live-run.js';
import { cancelling, closedRecord, isBeingStarted, withGoneWarning } from './lost-run.js';
import { Slots } from './slots.js';
import { askTemporal } from './temporal-call.js';

/** A query costs milliseconds of worker time: so often may a run be asked, and so many at a time. */
const REFRESH_EVERY_MS = 1_000;
const REFRESHES_AT_A_TIME = 16;
/** So long does a reader wait before it gets the last known document. */
const WAIT_MS = 300;
/** Documents of open runs that are kept; the longest known one goes first. */
const KEPT = 1_000;

/** A run, and how old the document is; null when it is of now. */
export interface Reading {
  run: RunRecord;
  staleSeconds: number | null;
}

/** What is known of an open run; times are epoch milliseconds. */
interface OpenRun {
  run: RunRecord | null;
  readAt: number;
  /** Temporal has taken its cancellation, though no worker need have heard of it. */
  isCancelling: boolean;
  refreshing: Promise<void> | null;
  refreshedAt: number;
}

interface ReaderServices {
  temporal: Client;
  runs: RunStore;
  logger: Logger;
}

/** Reads runs: closed ones from the store; open ones from their workflows, or what was last known of them. */
export class RunReader {
  readonly #services: ReaderServices;
  readonly #open = new Map<string, OpenRun>();
  readonly #slots = new Slots(REFRESHES_AT_A_TIME);
  readonly #questions = new Set<AbortController>();

  constructor(services: ReaderServices) {
    this.#services = services;
  }

  /** null: there is no such run. */
  async read(runId: string): Promise<Reading | null> {
    const answerAt = Date.now() + WAIT_MS;
    const record = await this.#record(runId);
    if (record === null || record.finishedAt !== null) {
      this.#open.delete(runId);
      return record && { run: record, staleSeconds: null };
    }
    const open = this.#known(runId);
    if (open.refreshing === null && Date.now() - open.refreshedAt >= REFRESH_EVERY_MS)
      open.refreshing = this.#refresh(record, open);
    if (open.refreshing) await atMost(answerAt - Date.now(), open.refreshing, undefined);
    return toReading(record, open);
  }

  /** Remembers that the run's cancellation was accepted. */
  noteCancellation(runId: string): void {
    this.#known(runId).isCancelling = true;
  }

  /** Stops asking Temporal; its connection must not be closed before this resolves. */
  async close(): Promise<void> {
    for (const question of this.#questions) question.abort();
    await Promise.all([...this.#open.values()].map((open) => open.refreshing));
  }

  /** What the store has; of an open run also what is in memory, when the store is silent. */
  async #record(runId: string): Promise<RunRecord | null> {
    const stored = this.#services.runs.get(runId);
    const known = this.#open.get(runId)?.run;
    if (!known) return await stored;
    const stale = (error: unknown) => {
      this.#services.logger.debug({ err: error, runId }, 'the store did not answer');
      return known;
    };
    return await atMost(WAIT_MS, stored.catch(stale), known);
  }

  #known(runId: string): OpenRun {
    const known = this.#open.get(runId) ?? {
      run: null,
      readAt: 0,
      isCancelling: false,
      refreshing: null,
      refreshedAt: 0,
    };
    this.#open.set(runId, known);
    const [oldest] = this.#open.keys();
    if (this.#open.size > KEPT && oldest !== undefined) this.#open.delete(oldest);
    return known;
  }

  /** Never rejects: a run that cannot be asked keeps its last known document. */
  async #refresh(record: RunRecord, open: OpenRun): Promise<void> {
    try {
      await this.#slots.use(async () => {
        open.refreshedAt = Date.now();
        open.run = await this.#ask(record, open);
        open.readAt = Date.now();
      });
    } catch (error) {
      const { runId } = record;
      this.#services.logger.debug({ err: error, runId }, 'the run could not be asked for its state');
    } finally {
      open.refreshing = null;
    }
  }

  async #ask(record: RunRecord, open: OpenRun): Promise<RunRecord> {
    const { temporal } = this.#services;
    // One for each question: the client never removes its listeners, one for each of its calls.
    const question = new AbortController();
    setMaxListeners(0, question.signal);
    this.#questions.add(question);
    try {
      return await temporal.withAbortSignal(question.signal, () =>
        askTemporal(temporal, () => this.#current(record, open)),
      );
    } finally {
      this.#questions.delete(question);
    }
  }

  async #current(record: RunRecord, open: OpenRun): Promise<RunRecord> {
    const { temporal, runs } = this.#services;
    const standing = await standingOf(temporal, record.runId);
    if (standing.workflow === 'open') {
      // Kept although the query may fail: it is true without a worker.
      open.isCancelling ||= standing.isCancelling;
      return await queryRun(temporal, record.runId);
    }
    // The workflow records its end before it closes: a record that is open now stays so for ever.
    const last = await runs.get(record.runId);
    // Without a record it has been deleted meanwhile.
    if (last === null || last.finishedAt !== null) return last ?? record;
    if (standing.workflow === 'gone') return isBeingStarted(last, Date.now()) ? last : withGoneWarning(last);
    const closed = closedRecord(last, standing.how, standing.closedAt);
    await runs.replace(closed);
    return closed;
  }
}

function toReading(record: RunRecord, open: OpenRun): Reading {
  const isFresh = open.refreshing === null && Date.now() - open.readAt < REFRESH_EVERY_MS + WAIT_MS;
  const known = open.run ?? record;
  const run = open.isCancelling ? cancelling(known) : known;
  if (open.run && isFresh) return { run, staleSeconds: null };
  const knownAt = open.run ? open.readAt : lastChange(record);
  return { run, staleSeconds: Math.max(0, Math.round((Date.now() - knownAt) / 1000)) };
}

/** The latest time in the record, in epoch milliseconds: it was true then. */
function lastChange({ startedAt, candidates }: RunRecord): number {
  const steps = candidates.flatMap(({ evaluations, customization, ...candidate }) => [
    candidate,
    ...evaluations,
    ...(customization ? [customization] : []),
  ]);
  const times = [startedAt, ...steps.flatMap((step) => [step.startedAt, step.finishedAt])];
  return Math.max(...times.map((time) => (time === null ? 0 : Date.parse(time))));
}

async function atMost<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ms);
  });
  return await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
