import { SpoolError } from './spool-error.js';

/** Codes of what no new attempt mends, and what would leave a run waiting without a word. */
const DISK_ERRORS = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR']);

/** The disk does not take what is written. */
export const isDiskError = (error: unknown): error is Error =>
  error instanceof Error &&
  ('syscall' in error || error instanceof SpoolError) &&
  'code' in error &&
  DISK_ERRORS.has(String(error.code));

/** What to do about it. */
export const DISK_ADVICE =
  'make room, let this user write there, or name another folder in FLYWHEEL_SPOOL_DIR';
