import { ConfigError } from '../config/config-error.js';

/** Something that the user can mend: shown as it is, without a stack, and the program ends with `exitCode`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const WRONG_USE = 2;
export const INTERRUPTED = 130;

/** With what the program ends by an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Problem) return error.exitCode;
  return error instanceof ConfigError ? WRONG_USE : 1;
}

/** What a user reads of an error. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || error.name;
}

/** Such words with a stop, so that advice can follow. */
export const asSentence = (text: string): string => text.replace(/[.?!]?$/, (end) => end || '.');
