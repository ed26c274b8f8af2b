import { MAX_BYTES } from './item.js';

export interface Peeked {
  /** What is there up to the end of the first line that is not blank, and maybe more. */
  head: Buffer;
  /** Everything, from the beginning. */
  bytes: AsyncIterable<Buffer>;
}

/** Looks at the first line of bytes that can be read only once. */
export async function peekLine(bytes: AsyncIterable<Buffer>): Promise<Peeked> {
  const iterator = bytes[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  let failure: { error: unknown } | null = null;
  let length = 0;
  let done = false;
  while (!done && length <= MAX_BYTES && !hasLine(chunks)) {
    try {
      const next = await iterator.next();
      if (next.done === true) done = true;
      else length += chunks.push(next.value) > 0 ? next.value.length : 0;
    } catch (error) {
      failure = { error };
      done = true;
    }
  }
  return { head: Buffer.concat(chunks), bytes: again(chunks, failure, iterator) };
}

/** Looks at the newest chunk only, and at the others only for whether they are blank. */
function hasLine(chunks: Buffer[]): boolean {
  const newest = chunks.at(-1);
  if (!newest?.includes('\n')) return false;
  return chunks.length > 1 || newest.toString('latin1').trimStart().includes('\n');
}

async function* again(
  chunks: Buffer[],
  failure: { error: unknown } | null,
  iterator: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
    if (failure) throw failure.error;
    yield* { [Symbol.asyncIterator]: () => iterator };
  } finally {
    // Whoever stops among the chunks has not come to it.
    await iterator.return?.();
  }
}
