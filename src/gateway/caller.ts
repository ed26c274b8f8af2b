import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import { timingSafeEqual } from 'node:crypto';
import { digestOf } from '../config/index.js';
import type { ApiKey } from '../config/types.js';
import type { OfClients } from '../stores/clients.js';
import { HttpError } from './errors.js';

/** Whose request it is, and which clients' things it may see and change. */
export interface Caller {
  /** Variable of its key; null where no keys are configured. */
  key: string | null;
  /** null: all. */
  clients: readonly string[] | null;
}

/** Where no keys are configured. */
export const ANYBODY: Caller = { key: null, clients: null };

const callers = new WeakMap<Request, Caller>();

/** null: it has no key that is good here. */
export const callerOrNull = (request: Request): Caller | null => callers.get(request) ?? null;

export function callerOf(request: Request): Caller {
  const caller = callerOrNull(request);
  if (caller === null) throw new Error('a route was reached without a key');
  return caller;
}

/** Whose things a store is asked for, for the sake of this request. */
export function clientsOf(request: Request): OfClients {
  const { clients } = callerOf(request);
  return clients === null ? {} : { clientIds: clients };
}

export const isWithin = ({ clients }: Caller, clientId: string): boolean =>
  clients === null || clients.includes(clientId);

export const maySee = (request: Request, clientId: string): boolean => isWithin(callerOf(request), clientId);

/** Refuses to do something for a client that the key is not good for. */
export function requireClient(request: Request, clientId: string): void {
  if (!maySee(request, clientId)) throw new HttpError(404, `Client ${clientId} not found`);
}

/** Asked before each path, but those in which nothing of a client stands. */
const OPEN = /^\/(?:health|ready|openapi\.json|docs|redoc)\/?$/;

export const isOpen = ({ path }: Request): boolean => OPEN.test(path);

/** Finds out who calls, by the key that `keyOf` finds; without configured keys it may be anybody. */
export const identify =
  (keys: readonly ApiKey[], keyOf: (request: Request) => string | null): RequestHandler =>
  (request, _response, next) => {
    const caller = keys.length === 0 ? ANYBODY : callerByKey(keys, keyOf(request));
    if (caller) callers.set(request, caller);
    next();
  };

/** Refuses who has no key. */
export const requireKey: RequestHandler = (request, _response, next) => {
  if (callerOrNull(request) || isOpen(request)) return next();
  const wrong = request.headers.authorization === undefined ? '' : ', error="invalid_token"';
  throw new HttpError(
    401,
    wrong
      ? 'This key is not known here: check the header `Authorization: Bearer <key>`.'
      : 'A key is needed: send it in the header `Authorization: Bearer <key>`.',
    { 'WWW-Authenticate': `Bearer realm="flywheel"${wrong}` },
  );
};

/** A limit is for each key, which goes by the name of its variable, else for each address; the two are never equal. */
export const limitedAs = (request: Request): string =>
  callerOrNull(request)?.key ?? ipKeyGenerator(request.ip ?? '');

export function bearerOf(request: Request): string | null {
  const [, key] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
  return key ?? null;
}

/** Each key is compared, so that the time tells nothing; digests are of one length whatever was sent. */
function callerByKey(keys: readonly ApiKey[], given: string | null): Caller | null {
  const digest = digestOf(given ?? '');
  const [found] = keys.filter((key) => timingSafeEqual(key.digest, digest));
  return found ? { key: found.name, clients: found.clients } : null;
}
