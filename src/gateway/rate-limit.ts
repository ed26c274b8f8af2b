import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { isOpen, limitedAs } from './caller.js';
import { HttpError } from './errors.js';

const WINDOW_MS = 60_000;

/** Refuses more requests a minute than one key may send, or one address where there is no key; null: never. */
export function limitRate(perMinute: number | null): RequestHandler {
  if (perMinute === null) return (_request, _response, next) => next();
  return rateLimit({
    windowMs: WINDOW_MS,
    limit: perMinute,
    keyGenerator: limitedAs,
    skip: isOpen,
    // With them comes `Retry-After`.
    standardHeaders: 'draft-6',
    legacyHeaders: false,
    // Its advice on proxies does not concern us: a forwarded address is never believed.
    validate: false,
    handler: (_request, _response, next) =>
      next(
        new HttpError(
          429,
          `More than ${perMinute} requests in a minute: wait, or have gateway.requests_per_minute raised.`,
        ),
      ),
  });
}
