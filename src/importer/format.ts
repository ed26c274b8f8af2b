import type { Fields } from './values.js';

/** Names that the user gave for records that bring none. */
export interface Names {
  workload?: string | undefined;
  client?: string | undefined;
}

export interface ReadContext {
  names: Names;
  /** Epoch milliseconds for records that bring no time; the same whenever the same file is read. */
  fallbackMs: number;
}

/** What became of one call in a log. */
export type Reading =
  | { record: Fields }
  /** Says for people why it is not a record. */
  | { rejected: string }
  /** Belongs in such a log, but is no call of a model: a tool's run, a retrieval, another span. */
  | { skipped: true }
  /** It would be a record, but neither the log nor the user names these. */
  | { unnamed: ('workload' | 'client')[] };

/** A kind of log; its functions never throw, whatever they are given. */
export interface Format {
  /** As `--format` takes it. */
  name: string;
  /** For people. */
  title: string;
  /** Whether a value has this shape, as far as one can see from outside. */
  recognises(item: Fields): boolean;
  /** The calls that a value holds. */
  read(item: Fields, context: ReadContext): Reading[];
}
