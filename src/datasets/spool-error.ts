import type { ThreadError } from './thread-messages.js';

/** The disk failed while datasets were under construction; the message says where and what to do. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
  /** As the system names it, `ENOSPC` for one; undefined when it is no error of the disk. */
  readonly code: string | undefined;

  constructor({ message, code, path }: ThreadError) {
    super(`Writing records of the workload into ${path} failed (${message})`);
    this.code = code;
  }
}
