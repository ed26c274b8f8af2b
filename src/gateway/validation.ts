import type { z } from 'zod';
import { valueAt } from '../config/value-at.js';
import { HttpError } from './errors.js';

/** One entry of a 422, in pydantic's form. */
export interface ValidationDetail {
  type: string;
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: Record<string, unknown>;
}

export const invalid = (detail: ValidationDetail): HttpError => new HttpError(422, [detail]);

/** The value as the schema reads it; a 422 with every error, in the order of the schema's keys, if it does not. */
export function validate<T extends z.ZodType>(
  schema: T,
  value: unknown,
  source: 'body' | 'query',
): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HttpError(
    422,
    parsed.error.issues.flatMap((issue) => toDetails(issue, value, source)),
  );
}

export const missingBody = (): HttpError =>
  invalid({ type: 'missing', loc: ['body'], msg: 'Field required', input: null });

function toDetails(issue: z.core.$ZodIssue, value: unknown, source: string): ValidationDetail[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      type: 'extra_forbidden',
      loc: [source, ...pathOf(issue), key],
      msg: 'Extra inputs are not permitted',
      input: valueAt(value, [...issue.path, key]),
    }));
  return [toDetail(issue, value, source)];
}

const pathOf = ({ path }: z.core.$ZodIssue): (string | number)[] =>
  path.map((part) => (typeof part === 'number' ? part : String(part)));

function toDetail(issue: z.core.$ZodIssue, value: unknown, source: string): ValidationDetail {
  const path = pathOf(issue);
  const { type, msg, ctx } = fault(issue);
  // What is missing is shown by what it is missing from.
  const input = valueAt(value, type === 'missing' ? path.slice(0, -1) : path);
  return { type, loc: [source, ...path], msg, input, ...(ctx && { ctx }) };
}

/** Issues of `lax` carry pydantic's words; the only other one is a value that is no object. */
function fault(issue: z.core.$ZodIssue): { type: string; msg: string; ctx?: Record<string, unknown> } {
  if (issue.code === 'custom') return { type: 'value_error', msg: issue.message, ...issue.params };
  return {
    type: 'model_attributes_type',
    msg: 'Input should be a valid dictionary or object to extract fields from',
  };
}
