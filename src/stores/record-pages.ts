import type { RecordPage } from '../records/page-reader.js';

/** A page of records that are there as JSON texts. */
export function pageOf(records: readonly { id: string; json: string }[]): RecordPage {
  const bounds = new Uint32Array(records.length * 2);
  const texts = records.map(({ json }) => Buffer.from(json));
  const bytes = new Uint8Array(texts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const [i, text] of texts.entries()) {
    bytes.set(text, end);
    bounds.set([end, end + text.length], i * 2);
    end += text.length;
  }
  return { bytes, ids: records.map(({ id }) => id), bounds };
}

/** Draws on all sources at once, one item ahead of who reads; items come as they are ready. */
export async function* sideBySide<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = (source: AsyncGenerator<T>) => source.next().then((result) => ({ source, result }));
  const pending = new Map(sources.map((source) => [source, next(source)]));
  try {
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      if (result.done) pending.delete(source);
      else {
        pending.set(source, next(source));
        yield result.value;
      }
    }
  } finally {
    // What was asked for ahead may fail after the end; nobody waits for it any more.
    const ended = [...pending].map(([source, ahead]) => ahead.then(() => source.return(undefined)));
    await Promise.allSettled(ended);
  }
}
