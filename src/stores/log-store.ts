import type { RecordPage } from '../records/page-reader.js';
import type { OfClients } from './clients.js';

/** A log record as an application wrote it: one request and answer of production. Nothing in it is trusted. */
export interface LogRecord {
  workload_id: string;
  client_id: string;
  /** Epoch seconds or milliseconds, or an ISO string; see `timestampMs`. */
  timestamp: unknown;
  request: unknown;
  response: unknown;
  [extra: string]: unknown;
}

/** Nothing is wrong with the item: the sender's key is not good for its `client_id`. */
export const CLIENT_NOT_OF_KEY = 'client_not_of_key';

/** Position in the given list and what was wrong with that item. */
export interface AppendError {
  index: number;
  reason: string;
  /** For programs. */
  code?: typeof CLIENT_NOT_OF_KEY;
}

export interface AppendResult {
  appended: number;
  /** Already there with the same content; nothing was added. */
  duplicates: number;
  errors: AppendError[];
}

export interface WorkloadSummary {
  workloadId: string;
  clientId: string;
  records: number;
  /** Epoch milliseconds. */
  firstAt: number;
  lastAt: number;
}

/** How many of a workload's newest records are looked into for `toolUse`. */
export const TOOL_SAMPLE = 100;

export interface ToolUse {
  workloadId: string;
  clientId: string;
  /** Records looked into, at most `TOOL_SAMPLE`. */
  sampled: number;
  /** Of them those whose answer calls a tool. */
  withTools: number;
}

export interface ExportQuery {
  workloadId: string;
  clientId: string;
  signal?: AbortSignal;
}

export interface CountQuery {
  workloadId: string;
  clientId: string;
  /** Epoch milliseconds. */
  since: number;
}

export interface RecordCounts {
  /** Records of the workload. */
  all: number;
  /** Of them those whose time is later than `since`. */
  since: number;
}

export interface DeleteQuery {
  workloadId: string;
  clientId: string;
  /** Epoch milliseconds; null: all records of the workload. */
  before: number | null;
}

export interface LogStore {
  /**
   * Keeps the records that can be kept and names the others; a record is counted as appended only once stored.
   * The id of a record is a hash of its content, so that appending it twice keeps it once.
   */
  append(records: readonly unknown[]): Promise<AppendResult>;
  /**
   * Every record of the workload as it was when the export began, in no order, by pages of some MB: what reads them must
   * not depend on the order. A record of another workload may be among them where an index does not compare whole names.
   */
  export(query: ExportQuery): AsyncIterable<RecordPage>;
  workloads(of?: OfClients): Promise<WorkloadSummary[]>;
  /** Of each workload how many of its newest records call tools. */
  toolUse(of?: OfClients): Promise<ToolUse[]>;
  count(query: CountQuery): Promise<RecordCounts>;
  /** How many records are older. */
  countBefore(query: DeleteQuery): Promise<number>;
  /** Deletes the records that are older, and resolves with how many there were; an export that has begun reads all of its own. */
  deleteBefore(query: DeleteQuery): Promise<number>;
  /** Resolves when the store answers; rejects with a StoreError that says where and what to do. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
