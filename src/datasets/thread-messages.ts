import type { PageReading, PageResult, RecordPage } from '../records/page-reader.js';

/** What a reader thread is started with. */
export interface ThreadData {
  /** Its own spool file, which it makes. */
  path: string;
  /** The number of that file. */
  file: number;
  reading: PageReading;
}

/** Parts of each row: opening, history and what is its own. */
export const PARTS = 3;

/** Rows to be copied into a file, all by their places in the spool. */
export interface CopyTask {
  target: string;
  /** Where in the target the first row goes. */
  position: number;
  /** Spool files by number. */
  sources: string[];
  files: Uint8Array<ArrayBuffer>;
  /** Where the parts of each row begin in its file, `PARTS` a row, and how many bytes they are. */
  offsets: Float64Array<ArrayBuffer>;
  lengths: Uint32Array<ArrayBuffer>;
}

export type ThreadTask = { page: Omit<RecordPage, 'reuse'> } | { copy: CopyTask };

/** `bytes` are those of the page; `copied`: rows since the last word. */
export type ThreadAnswer =
  { result: PageResult; bytes: Uint8Array } | { copied: number; done: boolean } | { failed: ThreadError };

/** An error with what structured cloning would leave behind. */
export interface ThreadError {
  message: string;
  code: string | undefined;
  path: string;
}

/** The memory of bytes that would be copied for another thread, to be handed over instead. */
export const unshared = ({ buffer }: Uint8Array): ArrayBuffer[] =>
  buffer instanceof ArrayBuffer ? [buffer] : [];
