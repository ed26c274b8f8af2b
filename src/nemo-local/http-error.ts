import type { ErrorRequestHandler } from 'express';
import { z } from 'zod';
import { HttpError } from '../http-error.js';

export { HttpError };

export const notFound = (what: string): HttpError => new HttpError(404, `${what} not found`);

/** A refusal that stays one: the header tells the platform's own clients not to repeat the request. */
export const conflict = (detail: string, status = 409): HttpError =>
  new HttpError(status, detail, { 'x-should-retry': 'false' });

export const unprocessable = (loc: (string | number)[], msg: string, type = 'value_error'): HttpError =>
  new HttpError(422, [{ loc, msg, type }]);

/** Checks a request body against its schema; throws a 422 that names each wrong field. */
export const parseBody = <T>(schema: z.ZodType<T>, body: unknown): T => parse(schema, body ?? {}, 'body');

/** Checks query parameters likewise. */
export const parseQuery = <T>(schema: z.ZodType<T>, query: unknown): T => parse(schema, query, 'query');

function parse<T>(schema: z.ZodType<T>, value: unknown, part: 'body' | 'query'): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new HttpError(
    422,
    parsed.error.issues.map((issue) => ({
      loc: [part, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))],
      msg: issue.message,
      type: issue.code,
    })),
  );
}

/** Turns whatever a route throws into an answer; mounted last. */
export const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status, detail, headers } = toHttpError(error);
  res.status(status).set(headers).json({ detail });
};

/** An error of express or of its middleware: a body it cannot read, a path it cannot decode, a range it cannot serve. */
const ExpressError = z.object({
  status: z.number().int().min(400).max(499),
  message: z.string(),
  type: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
});

export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const { data: known } = ExpressError.safeParse(error);
  if (known?.type === 'entity.parse.failed') {
    return unprocessable(['body'], `JSON decode error: ${known.message}`, 'json_invalid');
  }
  if (known) return new HttpError(known.status, known.message, known.headers);
  return new HttpError(500, error instanceof Error ? error.message : String(error));
}
