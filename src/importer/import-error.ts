/** A log file that cannot be read at all: says which, why, and what to do. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}
