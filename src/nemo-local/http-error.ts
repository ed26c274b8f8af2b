import type { ErrorRequestHandler } from 'express';
import { z } from 'zod';
import { HttpError } from '../http-error.js';
import { messageOf } from '../message-of.js';
import { inOwnWords, missing, schemaKind, validationErrors } from './validation-errors.js';

export { HttpError };

export const notFound = (what: string): HttpError => new HttpError(404, `${what} not found`);

/** A refusal that stays one: the header tells the platform's own libraries not to repeat the request. */
export const conflict = (detail: string, status = 409): HttpError =>
  new HttpError(status, detail, { 'x-should-retry': 'false' });

/** A wrong request that a schema alone cannot tell. */
export const unprocessable = (loc: (string | number)[], words: string): HttpError =>
  new HttpError(422, [{ loc, ...inOwnWords(words) }]);

/** Checks a request body against its schema; throws a 422 that names each wrong field as FastAPI does. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {}, { error: schemaKind });
  if (parsed.success) return parsed.data;
  if (body === undefined) throw new HttpError(422, [missing(['body'], null)]);
  throw new HttpError(422, validationErrors(parsed.error.issues, body, ['body']));
}

/** Checks query parameters likewise. */
export function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  const parsed = schema.safeParse(query, { error: schemaKind });
  if (parsed.success) return parsed.data;
  throw new HttpError(422, validationErrors(parsed.error.issues, query, ['query']));
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
  if (known?.type === 'entity.parse.failed') return new HttpError(422, [notJson(known.message)]);
  if (known) return new HttpError(known.status, known.message, known.headers);
  return new HttpError(500, messageOf(error));
}

/** Where the JSON breaks off, as far as the parser says. */
function notJson(reason: string) {
  const position = Number(/position (\d+)/.exec(reason)?.[1] ?? 0);
  const ctx = { error: reason };
  return { type: 'json_invalid', loc: ['body', position], msg: 'JSON decode error', input: {}, ctx };
}
