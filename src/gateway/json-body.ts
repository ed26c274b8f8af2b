import type { Request } from 'express';
import { isDeeperThan, MAX_LEVELS } from '../records/json.js';
import { HttpError } from './errors.js';
import { jsonFault } from './json-fault.js';
import { invalid, missingBody } from './validation.js';

export const bodyOf = (request: Request): Buffer =>
  Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);

/** The request's body as JSON; a body that is declared as something else stays text, as in the blueprint. */
export function jsonBody(request: Request): unknown {
  const text = utf8Text(bodyOf(request));
  if (text === '') throw missingBody();
  if (!isDeclaredJson(contentTypeOf(request))) return text;
  const body = parseJson(text);
  if (body === null) throw missingBody();
  // Nobody could show it in an answer, and nothing that is asked for here is nested at all.
  if (isDeeperThan(body, MAX_LEVELS)) throw unreadable([], `nested deeper than ${MAX_LEVELS} levels`);
  return body;
}

/** What the body is said to be; an empty header says nothing. */
export const contentTypeOf = (request: Request): string =>
  request.headers['content-type']?.trim() || 'application/json';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Throws where the bytes are no UTF-8. */
export const decodeUtf8 = (bytes: Buffer): string => UTF8.decode(bytes);

/** The body as text; a 400 where it is none, instead of names with other letters in them. */
export function utf8Text(body: Buffer): string {
  try {
    return decodeUtf8(body);
  } catch {
    throw new HttpError(400, 'The body is not UTF-8 text: send JSON in UTF-8.');
  }
}

/** Parses JSON; a 422 with the place of the first character that cannot be there, counted in characters as FastAPI does. */
export function parseJson(text: string, placeOf = charactersBefore): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, message } = jsonFault(text);
    throw unreadable([placeOf(text, offset)], message);
  }
}

/** An offset of JavaScript counts those beyond U+FFFF twice. */
const charactersBefore = (text: string, offset: number): number => Array.from(text.slice(0, offset)).length;

/** A 422: where the body stops being JSON, as far as that is known. */
export const unreadable = (offset: number[], error: string): HttpError =>
  invalid({
    type: 'json_invalid',
    loc: ['body', ...offset],
    msg: 'JSON decode error',
    input: {},
    ctx: { error },
  });

const isDeclaredJson = (type: string): boolean => /^application\/(?:json|[^;]+\+json)\s*(?:;|$)/i.test(type);
