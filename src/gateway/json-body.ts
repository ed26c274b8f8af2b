import express, { type Request, type RequestHandler } from 'express';
import { invalid, missingBody } from './validation.js';

/** Reads a body of any type into a buffer; larger ones are a 413, compressed ones are unpacked. */
export const rawBody = (limit: string): RequestHandler => express.raw({ type: () => true, limit });

export const bodyOf = (request: Request): Buffer =>
  Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);

/** The request's body as JSON; a body that is declared as something else stays text, as in the blueprint. */
export function jsonBody(request: Request): unknown {
  const text = bodyOf(request).toString();
  if (text === '') throw missingBody();
  if (!isDeclaredJson(request.headers['content-type'])) return text;
  const body = parseJson(text);
  if (body === null) throw missingBody();
  return body;
}

/** Parses JSON; a 422 with the place of the first character that cannot be there. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid({
      type: 'json_invalid',
      loc: ['body', errorOffset(text)],
      msg: 'JSON decode error',
      input: {},
      ctx: { error: messageOf(error) },
    });
  }
}

const isDeclaredJson = (type = 'application/json'): boolean =>
  /^\s*application\/(?:json|[^;]+\+json)\s*(?:;|$)/i.test(type);

/** V8 does not always say where: the place is the end of the shortest beginning that nothing could complete. */
function errorOffset(text: string): number {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBroken(text.slice(0, middle + 1))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isBroken(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return false;
  } catch (error) {
    const message = messageOf(error);
    const position = / at position (\d+)/.exec(message)?.[1];
    return position === undefined
      ? message.startsWith('Unexpected token')
      : Number(position) < beginning.length;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
