import type { AppendResult } from '../stores/log-store.js';
import type { Counts } from './counts.js';
import type { Exchange } from './exchange.js';
import type { TargetSettings } from './target.js';

/** With what the thread begins. */
export interface RecorderSettings {
  spool: { folder: string; limitBytes: number };
  target: TargetSettings;
  logLevel: string;
}

/** How the records are. */
export interface RecorderStatus {
  counts: Counts;
  waiting: number;
  waitingBytes: number;
  /** Why the store takes nothing, or not all; null: it takes all. */
  problem: string | null;
}

export type ToThread =
  | { kind: 'exchange'; exchange: Exchange }
  | { kind: 'status'; id: number }
  | { kind: 'appended'; id: number; result: AppendResult | { failed: string } }
  | { kind: 'stop' };

export type FromThread =
  /** The answer to each exchange: its memory is free. */
  | { kind: 'taken' }
  | { kind: 'status'; id: number; status: RecorderStatus }
  /** The embedded store is not the thread's. */
  | { kind: 'append'; id: number; lines: string[] }
  | { kind: 'ready' }
  | { kind: 'stopped' };
