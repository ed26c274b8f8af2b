import type { HttpError } from '../errors.js';
import { invalid } from '../validation.js';

/** The body stops being JSON at this byte of it. */
export const brokenJson = (at: number, error: string): HttpError =>
  invalid({ type: 'json_invalid', loc: ['body', at], msg: 'JSON decode error', input: {}, ctx: { error } });
