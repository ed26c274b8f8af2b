import { setMaxListeners } from 'node:events';
import type { Client } from '@temporalio/client';
import type { Logger } from '../logger.js';
import type { RunRecord } from '../run-record.js';
import type { RunStore } from '../stores/run-store.js';
import { readLiveRun } from './live-run.js';
import { closedRecord, isBeingStarted, withGoneWarning } from './lost-run.js';
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
    const record = await this.#services.runs.get(runId);
    if (record === null || record.finishedAt !== null) {
      this.#open.delete(runId);
      return record && { run: record, staleSeconds: null };
    }
    const open = this.#known(runId);
    if (open.refreshing === null && Date.now() - open.refreshedAt >= REFRESH_EVERY_MS)
      open.refreshing = this.#refresh(record, open);
    if (open.refreshing) await atMost(WAIT_MS, open.refreshing);
    return toReading(record, open);
  }

  /** Stops asking Temporal; its connection must not be closed before this resolves. */
  async close(): Promise<void> {
    for (const question of this.#questions) question.abort();
    await Promise.all([...this.#open.values()].map((open) => open.refreshing));
  }

  #known(runId: string): OpenRun {
    const known = this.#open.get(runId) ?? { run: null, readAt: 0, refreshing: null, refreshedAt: 0 };
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
        open.run = await this.#ask(record);
        open.readAt = Date.now();
      });
    } catch (error) {
      const { runId } = record;
      this.#services.logger.debug({ err: error, runId }, 'the run could not be asked for its state');
    } finally {
      open.refreshing = null;
    }
  }

  async #ask(record: RunRecord): Promise<RunRecord> {
    const { temporal } = this.#services;
    // One for each question: the client never removes its listeners, one for each of its calls.
    const question = new AbortController();
    setMaxListeners(0, question.signal);
    this.#questions.add(question);
    try {
      return await temporal.withAbortSignal(question.signal, () =>
        askTemporal(temporal, () => this.#current(record)),
      );
    } finally {
      this.#questions.delete(question);
    }
  }

  async #current(record: RunRecord): Promise<RunRecord> {
    const { temporal, runs } = this.#services;
    const live = await readLiveRun(temporal, record.runId);
    if (live.workflow === 'open') return live.run;
    // The workflow records its end before it closes: a record that is open now stays so for ever.
    const last = (await runs.get(record.runId)) ?? record;
    if (last.finishedAt !== null) return last;
    if (live.workflow === 'gone') return isBeingStarted(last, Date.now()) ? last : withGoneWarning(last);
    const closed = closedRecord(last, live.how, live.closedAt);
    await runs.put(closed);
    return closed;
  }
}

function toReading(record: RunRecord, open: OpenRun): Reading {
  const isFresh = open.refreshing === null && Date.now() - open.readAt < REFRESH_EVERY_MS + WAIT_MS;
  if (open.run && isFresh) return { run: open.run, staleSeconds: null };
  const knownAt = open.run ? open.readAt : lastChange(record);
  return { run: open.run ?? record, staleSeconds: Math.max(0, Math.round((Date.now() - knownAt) / 1000)) };
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

async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}
