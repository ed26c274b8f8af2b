import type { ErrorRequestHandler } from 'express';
import { HttpError } from '../http-error.js';
import type { Logger } from '../logger.js';
import { StoreError } from '../stores/store-error.js';

export { HttpError };

/** Something that the gateway needs does not answer; the caller may try again. */
export const unavailable = (detail: string): HttpError => new HttpError(503, detail, { 'Retry-After': '5' });

/** For a load balancer, which looks elsewhere then; whoever asks for anything else is still served while the gateway drains. */
export const stoppingError = (): HttpError =>
  unavailable('stopping: this gateway takes no more requests, ask another one.');

/** The one place where errors become answers; none of them shows a stack. */
export const answerErrors =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const known = toHttpError(error);
    const { method, path } = request;
    if (known === null) logger.error({ err: error, method, path }, 'request failed');
    else if (known.status >= 500) logger.warn({ method, path, reason: known.message }, 'request refused');
    if (known === null) response.status(500).type('text/plain').send('Internal Server Error');
    else response.status(known.status).set(known.headers).json({ detail: known.detail });
  };

/** What an error is to the caller; null: a mistake of ours, of which nothing is shown. */
export function toHttpError(error: unknown): HttpError | null {
  if (error instanceof HttpError) return error;
  if (error instanceof StoreError)
    return error.retryable ? unavailable(error.message) : new HttpError(500, error.message);
  const status = clientErrorStatus(error);
  return status === null
    ? null
    : new HttpError(status, CLIENT_ERRORS[status] ?? 'The request cannot be read.');
}

const CLIENT_ERRORS: Record<number, string> = {
  400: 'The request cannot be read: its body ended early or cannot be decompressed, or its path is no valid URL.',
  413: 'The body is too large: send it in several requests.',
  415: 'The content encoding is not supported: send the body plain, gzip, deflate or br.',
};

/** The status that Express and its body parser give to errors of the request. */
function clientErrorStatus(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return null;
  return error.status >= 400 && error.status < 500 ? error.status : null;
}
