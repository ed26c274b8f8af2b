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
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new HttpError(
    422,
    parsed.error.issues.map((issue) => ({
      loc: ['body', ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))],
      msg: issue.message,
      type: issue.code,
    })),
  );
}

/** Turns whatever a route throws into an answer; mounted last. */
export const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status, detail, headers } = toHttpError(error);
  // The Hugging Face clients read `error` where FastAPI writes `detail`.
  const body = headers['X-Error-Code'] ? { detail, error: detail } : { detail };
  res.status(status).set(headers).json(body);
};

const BodyParserError = z.object({ type: z.string(), status: z.number(), message: z.string() });

function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const known = BodyParserError.safeParse(error);
  if (known.data?.type === 'entity.parse.failed') {
    return unprocessable(['body'], `JSON decode error: ${known.data.message}`, 'json_invalid');
  }
  if (known.success) return new HttpError(known.data.status, known.data.message);
  return new HttpError(500, error instanceof Error ? error.message : String(error));
}
