import type { RunRecord, RunStatus } from '../run-record.js';
import type { OfClients } from './clients.js';

export interface RunFilter extends OfClients {
  status?: RunStatus;
  workloadId?: string;
  clientId?: string;
  /** At most this many; default all. */
  limit?: number;
  /** From the previous page's `nextCursor`. */
  cursor?: string;
  /** Insertion order (oldest first) unless 'newest-first'. */
  order?: 'oldest-first' | 'newest-first';
}

/** What a listed run lacks: most of its record, which nobody shows in a list. */
export const NOT_LISTED = [
  'candidates',
  'comparison',
  'config',
  'funnel',
] as const satisfies (keyof RunRecord)[];

/** A run without what `get` alone reads. */
export type ListedRun = Omit<RunRecord, (typeof NOT_LISTED)[number]>;

export interface RunPage {
  runs: ListedRun[];
  nextCursor: string | null;
}

/** Whether the record that is there may be replaced; another writer can always have been faster. */
export type MayReplace = (stored: RunRecord) => boolean;

export const always: MayReplace = () => true;

/** Whoever closes a record does not take back the end that was recorded meanwhile. */
export const stillOpen: MayReplace = ({ finishedAt }) => finishedAt === null;

export type PutOutcome = 'inserted' | 'replaced' | 'kept';

export interface RunStore {
  /**
   * Inserts the record of `run.runId`, or replaces the one that is there, if it may; visible to `get` and `list` when it
   * resolves.
   */
  put(run: RunRecord, may?: MayReplace): Promise<PutOutcome>;
  /** Inserts the record unless one with its id is there; says whether it did. */
  create(run: RunRecord): Promise<boolean>;
  /** Replaces the record if it is there and may be, and says whether it was: what has been deleted does not come back. */
  replace(run: RunRecord, may?: MayReplace): Promise<boolean>;
  get(runId: string): Promise<RunRecord | null>;
  list(filter?: RunFilter): Promise<RunPage>;
  /** How many there are of each status. */
  countByStatus(): Promise<Partial<Record<RunStatus, number>>>;
  /** Of each workload and client the run that was put first last. */
  lastRuns(of?: OfClients): Promise<ListedRun[]>;
  /** Deleting what is not there is no error. */
  delete(runId: string): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
