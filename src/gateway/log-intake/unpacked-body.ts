import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { messageOf } from '../../message-of.js';
import { HttpError } from '../errors.js';

/** Unpacked. */
export const MAX_BODY_BYTES = 64 * 1024 * 1024;

const UNPACK: Record<string, () => Transform> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

export const encodingOf = ({ headers }: IncomingMessage): string =>
  headers['content-encoding']?.trim().toLowerCase() || 'identity';

/** The body as it comes, unpacked; no faster than it is taken. An HttpError where it is too large or cannot be unpacked. */
export async function* unpackedBody(request: IncomingMessage): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of plainChunks(request)) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw tooLarge();
    yield chunk;
  }
}

export const tooLarge = (): HttpError =>
  new HttpError(413, 'The body is too large: send it in several requests.');

async function* plainChunks(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    // Whoever stops early still answers on this connection, to a sender that goes on sending first.
    if (encodingOf(request) === 'identity') yield* request.iterator({ destroyOnReturn: false });
    else yield* decompressed(request);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    const reason = messageOf(error);
    throw new HttpError(400, `The body ended early or cannot be decompressed (${reason}).`);
  } finally {
    request.resume();
  }
}

async function* decompressed(request: IncomingMessage): AsyncGenerator<Buffer> {
  const encoding = encodingOf(request);
  const unpack = Object.hasOwn(UNPACK, encoding) ? UNPACK[encoding]?.() : undefined;
  if (!unpack)
    throw new HttpError(
      415,
      'The content encoding is not supported: send the body plain, gzip, deflate or br.',
    );
  request.on('error', (error) => unpack.destroy(error));
  try {
    yield* request.pipe(unpack);
  } finally {
    request.unpipe(unpack);
  }
}
