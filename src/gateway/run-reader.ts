import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import type { Logger } from '../logger.js';
import type { RunRecord } from '../run-record.js';
import { closedRun, endedUnrecorded } from '../run-state.js';
import type { RunStore } from '../stores/run-store.js';
import { runWorkflowId } from '../../workflows/contract.js';
import { type WorkerLife, waitsToBegin } from './answer.js';
import { noAnswers, queryRun, standingOf, type RunAnswers } from './live-run.js';
import { cancelling, isBeingStarted, withGoneWarning } from './lost-run.js';
import { Slots } from './slots.js';
import { askTemporal } from './temporal-call.js';

/** A query costs milliseconds of worker time: so often may a run be asked, and so many at a time. */
const REFRESH_EVERY_MS = 1_000;
const REFRESHES_AT_A_TIME = 8;
const REFRESH_LIMIT_MS = 10_000;
/** So long does a reader wait before it gets the last known document. */
const WAIT_MS = 300;
/** And only so long where that is hardly old, or so many are being refreshed: the readers of all would wait for each. */
const SHORT_WAIT_MS = 20;
const MANY_REFRESHES = 3;
const HARDLY_OLD_MS = 4_000;
/** Documents that are kept; the one that was read longest ago goes first. */
const KEPT = 1_000;

/** A run, and how old the document is; null when it is of now. */
export interface Reading {
  run: RunRecord;
  staleSeconds: number | null;
}

/** What is known of a run; times are epoch milliseconds. */
interface KnownRun {
  run: RunRecord | null;
  readAt: number;
  /** Temporal has taken its cancellation, though no worker need have heard of it. */
  isCancelling: boolean;
  refreshing: Promise<void> | null;
  refreshedAt: number;
  answers: RunAnswers;
}

/** The record of a run as the store has it, or, where that is silent, as it was last known. */
interface Recalled {
  record: RunRecord | null;
  isRemembered: boolean;
}

interface ReaderServices {
  temporal: Client;
  runs: RunStore;
  logger: Logger;
}

/** Reads runs: closed ones from the store; open ones from their workflows, or what was last known of them. */
export class RunReader {
  readonly #services: ReaderServices;
  readonly #runs = new Map<string, KnownRun>();
  readonly #slots = new Slots(REFRESHES_AT_A_TIME);
  readonly #questions = new Set<AbortController>();
  readonly #workers: WorkerLife = { heardAt: 0 };

  constructor(services: ReaderServices) {
    this.#services = services;
  }

  /** null: there is no such run. */
  async read(runId: string): Promise<Reading | null> {
    const waitMs = this.#slots.inUse >= MANY_REFRESHES ? SHORT_WAIT_MS : WAIT_MS;
    const answerAt = Date.now() + waitMs;
    const { record, isRemembered } = await this.#record(runId, waitMs);
    if (record === null) {
      this.#runs.delete(runId);
      return null;
    }
    const open = this.#known(runId);
    if (record.finishedAt !== null) return toClosedReading(record, open, isRemembered);
    const patienceMs = isHardlyOld(open) ? SHORT_WAIT_MS : WAIT_MS;
    const recordedAt = lastChange(record);
    if (recordedAt > open.readAt) Object.assign(open, { run: record, readAt: recordedAt });
    if (open.refreshing === null && Date.now() - open.refreshedAt >= REFRESH_EVERY_MS)
      open.refreshing = this.#refresh(record, open);
    if (open.refreshing)
      await atMost(Math.min(patienceMs, answerAt - Date.now()), open.refreshing, undefined);
    return toReading(open.run ?? record, open);
  }

  /** Remembers that the run's cancellation was accepted. */
  noteCancellation(runId: string): void {
    this.#known(runId).isCancelling = true;
  }

  /** An open run as it was last seen; null when it has not been read lately. */
  lastSeen(runId: string): RunRecord | null {
    return this.#runs.get(runId)?.run ?? null;
  }

  /** Stops asking Temporal; its connection must not be closed before this resolves. */
  async close(): Promise<void> {
    for (const question of this.#questions) question.abort();
    await Promise.all([...this.#runs.values()].map((open) => open.refreshing));
  }

  /** What the store has; when it is silent for so long, what is in memory, else what the run's workflow says. */
  async #record(runId: string, waitMs: number): Promise<Recalled> {
    const stored = this.#services.runs.get(runId).then((record) => ({ record, isRemembered: false }));
    const known = this.#runs.get(runId);
    if (!known?.run) return await stored.catch((error: unknown) => this.#fromWorkflow(runId, error));
    const remembered = { record: known.run, isRemembered: true };
    const recall = (error: unknown) => {
      this.#services.logger.debug({ err: error, runId }, 'the store did not answer');
      return remembered;
    };
    return await atMost(isHardlyOld(known) ? waitMs : WAIT_MS, stored.catch(recall), remembered);
  }

  /** Rejects with the store's error where the workflow knows no more than the store. */
  async #fromWorkflow(runId: string, storeError: unknown): Promise<Recalled> {
    try {
      const record = await this.#ask(async (temporal) => {
        const description = await temporal.workflow.getHandle(runWorkflowId(runId)).describe();
        return await queryRun(temporal, runId, description, noAnswers(this.#workers));
      });
      return { record, isRemembered: false };
    } catch (error) {
      this.#services.logger.debug({ err: error, runId }, 'nor could the run be asked for its state');
      throw storeError;
    }
  }

  #known(runId: string): KnownRun {
    const known = this.#runs.get(runId) ?? {
      run: null,
      readAt: 0,
      isCancelling: false,
      refreshing: null,
      refreshedAt: 0,
      answers: noAnswers(this.#workers),
    };
    this.#runs.delete(runId);
    this.#runs.set(runId, known);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > KEPT && oldest !== undefined) this.#runs.delete(oldest);
    return known;
  }

  /** Never rejects: a run that cannot be asked keeps its last known document. */
  async #refresh(record: RunRecord, open: KnownRun): Promise<void> {
    try {
      await this.#slots.use(async () => {
        open.refreshedAt = Date.now();
        open.run = await this.#ask(() => this.#current(record, open), REFRESH_LIMIT_MS);
        open.readAt = Date.now();
      });
    } catch (error) {
      const { runId } = record;
      this.#services.logger.debug({ err: error, runId }, 'the run could not be asked for its state');
    } finally {
      open.refreshing = null;
    }
  }

  async #ask(question: (temporal: Client) => Promise<RunRecord>, limitMs?: number): Promise<RunRecord> {
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

  async #current(record: RunRecord, open: KnownRun): Promise<RunRecord> {
    const { temporal, runs } = this.#services;
    const standing = await standingOf(temporal, record.runId);
    if (standing.workflow === 'open') {
      // Kept although the query may fail: it is true without a worker.
      open.isCancelling ||= standing.isCancelling;
      if (record.stage === 'queued' && waitsToBegin(standing.description, this.#workers)) return record;
      return await queryRun(temporal, record.runId, standing.description, open.answers);
    }
    // The workflow records its end before it closes: a record that is open now stays so for ever.
    const last = await runs.get(record.runId);
    if (last === null) {
      // Deleted meanwhile: the next read waits for the store's word.
      this.#runs.delete(record.runId);
      return record;
    }
    if (last.finishedAt !== null) return last;
    if (standing.workflow === 'gone') return isBeingStarted(last, Date.now()) ? last : withGoneWarning(last);
    const closed = closedRun(last, endedUnrecorded(standing.how), standing.closedAt, open.run);
    await runs.replace(closed);
    return closed;
  }
}

/** What has ended does not change any more; remembered, it may have been deleted meanwhile. */
function toClosedReading(record: RunRecord, known: KnownRun, isRemembered: boolean): Reading {
  if (isRemembered) return { run: record, staleSeconds: secondsSince(known.readAt) };
  Object.assign(known, { run: record, readAt: Date.now() });
  return { run: record, staleSeconds: null };
}

const isHardlyOld = ({ readAt }: KnownRun): boolean => Date.now() - readAt < HARDLY_OLD_MS;

const secondsSince = (epochMs: number): number => Math.max(0, Math.round((Date.now() - epochMs) / 1000));

function toReading(known: RunRecord, open: KnownRun): Reading {
  const isFresh = open.refreshing === null && Date.now() - open.readAt < REFRESH_EVERY_MS + WAIT_MS;
  const run = open.isCancelling ? cancelling(known) : known;
  return { run, staleSeconds: isFresh ? null : secondsSince(open.readAt) };
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
