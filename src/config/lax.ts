/** Values as pydantic's lax mode takes them, in the blueprint's configuration file and in its API alike. */
import { z } from 'zod';

/** Why a value is not taken, in pydantic's words. */
export class Fault {
  readonly type: string;
  readonly msg: string;
  readonly ctx: Record<string, unknown> | undefined;

  constructor(type: string, msg: string, ctx?: Record<string, unknown>) {
    this.type = type;
    this.msg = msg;
    this.ctx = ctx;
  }
}

export interface Limits {
  ge?: number;
  le?: number;
  gt?: number;
  lt?: number;
}

/** A text of at most `max_length` characters. */
export const textUpTo = (max_length: number) =>
  lax(
    (value) => {
      if (typeof value !== 'string') return new Fault('string_type', 'Input should be a valid string');
      if (value.length <= max_length) return value;
      return new Fault('string_too_long', `String should have at most ${max_length} characters`, {
        max_length,
      });
    },
    { type: 'string', ...(Number.isFinite(max_length) ? { maxLength: max_length } : {}) },
  );

export const text = textUpTo(Number.POSITIVE_INFINITY);

export const integer = (limits: Limits = {}) =>
  lax((value) => within(limits, readInteger(value)), { type: 'integer', ...bounds(limits) });

export const float = (limits: Limits = {}) =>
  lax((value) => within(limits, readFloat(value)), { type: 'number', ...bounds(limits) });

export const flag = lax(readFlag, { type: 'boolean' });

/** One of the given words. */
export const choice = <const T extends string>(words: readonly T[]) =>
  lax(
    (value) => {
      const expected = words.map((word) => `'${word}'`).join(', ');
      const wrong = new Fault('enum', `Input should be one of ${expected}`, { expected });
      return words.find((word) => word === value) ?? wrong;
    },
    { type: 'string', enum: [...words] },
  );

/**
 * Makes a schema of a reader; the issue it raises carries the fault's `type` and `ctx` as `params`. `described` is what a
 * JSON schema says of such a value: nobody could tell it from the reader.
 */
export function lax<T>(read: (value: unknown) => T | Fault, described: Record<string, unknown> = {}) {
  return z
    .unknown()
    .transform((value, context): T => {
      const result = value === undefined ? new Fault('missing', 'Field required') : read(value);
      if (!(result instanceof Fault)) return result;
      const { type, msg, ctx } = result;
      context.addIssue({ code: 'custom', message: msg, params: { type, ctx } });
      return z.NEVER;
    })
    .meta(described);
}

/** The limits in the words of JSON Schema. */
const bounds = ({ ge, le, gt, lt }: Limits) => ({
  ...(ge === undefined ? {} : { minimum: ge }),
  ...(le === undefined ? {} : { maximum: le }),
  ...(gt === undefined ? {} : { exclusiveMinimum: gt }),
  ...(lt === undefined ? {} : { exclusiveMaximum: lt }),
});

const WHOLE = /^\s*[+-]?\d+(?:_\d+)*(?:\.0+)?\s*$/;
const DECIMAL = /^\s*[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?\s*$/i;
const INFINITE = /^\s*([+-]?)inf(?:inity)?\s*$/i;
const NO_NUMBER = /^\s*[+-]?nan\s*$/i;

function readInteger(value: unknown): number | Fault {
  const expected = 'Input should be a valid integer';
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string')
    return WHOLE.test(value)
      ? exactly(Number(value.replaceAll('_', '')))
      : new Fault('int_parsing', `${expected}, unable to parse string as an integer`);
  if (typeof value !== 'number') return new Fault('int_type', expected);
  if (!Number.isInteger(value))
    return new Fault('int_from_float', `${expected}, got a number with a fractional part`);
  return exactly(value);
}

/** Beyond it JSON's reader has already taken another number for it. */
const exactly = (value: number): number | Fault =>
  Number.isSafeInteger(value)
    ? value
    : new Fault('int_parsing_size', 'Unable to parse input string as an integer, exceeded maximum size');

function readFloat(value: unknown): number | Fault {
  const expected = 'Input should be a valid number';
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    if (DECIMAL.test(value)) return Number(value.replaceAll('_', ''));
    if (NO_NUMBER.test(value)) return NaN;
    const [, sign] = INFINITE.exec(value) ?? [];
    if (sign !== undefined) return sign === '-' ? -Infinity : Infinity;
    return new Fault('float_parsing', `${expected}, unable to parse string as a number`);
  }
  return typeof value === 'number' ? value : new Fault('float_type', expected);
}

const TRUE = new Set(['1', 'on', 't', 'true', 'y', 'yes']);
const FALSE = new Set(['0', 'off', 'f', 'false', 'n', 'no']);

function readFlag(value: unknown): boolean | Fault {
  const expected = 'Input should be a valid boolean';
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && !Number.isInteger(value)) return new Fault('bool_type', expected);
  const word = String(value).toLowerCase();
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  return new Fault('bool_parsing', `${expected}, unable to interpret input`);
}

/** In pydantic's order, as NaN is within no limit. */
function within({ ge, le, gt, lt }: Limits, value: number | Fault): number | Fault {
  if (value instanceof Fault) return value;
  const expected = 'Input should be';
  if (le !== undefined && !(value <= le))
    return new Fault('less_than_equal', `${expected} less than or equal to ${le}`, { le });
  if (lt !== undefined && !(value < lt)) return new Fault('less_than', `${expected} less than ${lt}`, { lt });
  if (ge !== undefined && !(value >= ge))
    return new Fault('greater_than_equal', `${expected} greater than or equal to ${ge}`, { ge });
  if (gt !== undefined && !(value > gt))
    return new Fault('greater_than', `${expected} greater than ${gt}`, { gt });
  if (!Number.isFinite(value)) return new Fault('finite_number', `${expected} a finite number`);
  return value;
}
