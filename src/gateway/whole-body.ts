import type { RequestHandler } from 'express';
import type { Intake } from './log-intake/intake.js';
import { tooLarge } from './log-intake/unpacked-body.js';

/** Of bodies that are held whole: how many are read at a time. Each is bounded by itself. */
export const WHOLE_BODIES = { requests: 100, bytes: Number.POSITIVE_INFINITY };

/** Reads a body of any type into a buffer of at most so many bytes; a larger one is a 413, packed ones are unpacked. */
export const wholeBody =
  (intake: Intake, limit: number): RequestHandler =>
  async (request, _response, next) => {
    request.body = await intake.admit(request, (chunks) => joined(chunks, limit));
    next();
  };

async function joined(chunks: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limit) throw tooLarge();
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
