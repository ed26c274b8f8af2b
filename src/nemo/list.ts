import { z } from 'zod';
import type { Http } from './http.js';

const PAGE_SIZE = 100;

/**
 * Every item of a listing that passes the filter. The platform's own pagination data is not needed: the page after the
 * last one is empty. A server may ignore a filter, so callers check the items themselves.
 */
export async function* listAll<T>(
  http: Http,
  path: string,
  item: z.ZodType<T>,
  filter: Record<string, string>,
  signal?: AbortSignal,
): AsyncIterable<T> {
  const filters = Object.fromEntries(Object.entries(filter).map(([key, value]) => [`filter[${key}]`, value]));
  for (let page = 1; ; page++) {
    const query = { page, page_size: PAGE_SIZE, sort: '-created_at', ...filters };
    const { data } = await http.json('GET', path, z.object({ data: z.array(item) }), { query, signal });
    if (data.length === 0) return;
    yield* data;
  }
}

export async function firstMatch<T>(
  items: AsyncIterable<T>,
  matches: (item: T) => boolean,
): Promise<T | null> {
  for await (const item of items) if (matches(item)) return item;
  return null;
}
