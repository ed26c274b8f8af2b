import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** The id that git gives to a file: SHA-1 of `blob`, a space, the size in bytes, a zero byte and the content; in hex. */
export async function gitBlobHash(path: string): Promise<string> {
  const { size } = await stat(path);
  return await hashed(createHash('sha1').update(`blob ${size}\0`), path);
}

/** The id that Git LFS gives to a file: SHA-256 of its content, in hex. */
export const sha256 = (path: string): Promise<string> => hashed(createHash('sha256'), path);

async function hashed(hash: Hash, path: string): Promise<string> {
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
