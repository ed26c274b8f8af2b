import type { Request } from 'express';
import { z } from 'zod';
import { parseBody } from './http-error.js';

const Page = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(1000).default(10),
  sort: z.string().default('-created_at'),
});

/**
 * Answers a list request: filters, sorts, cuts out one page. A page past the end is empty, not an error:
 * the platform's own client reads on until it meets one. `derived` gives what can be asked for by a name that is none of
 * the item's members.
 */
export function listPage<T extends object>(
  req: Request,
  items: readonly T[],
  derived: (item: T) => Record<string, unknown> = () => ({}),
) {
  const query = new URL(req.originalUrl, 'http://list').searchParams;
  const { page, page_size, sort } = parseBody(Page, Object.fromEntries(query));
  const filters = bracketed(query, 'filter');
  const searches = bracketed(query, 'search');
  const valueOf = (item: T, path: string[]) => derived(item)[path.join('.')] ?? read(item, path);
  const matching = items.filter(
    (item) =>
      filters.every(({ path, values }) => values.some((value) => matches(valueOf(item, path), value))) &&
      searches.every(({ path, values }) => values.some((value) => text(valueOf(item, path)).includes(value))),
  );
  const data = sorted(matching, (item) => text(valueOf(item, [sort.replace(/^-/, '')])), sort).slice(
    (page - 1) * page_size,
    page * page_size,
  );
  return {
    object: 'list',
    data,
    pagination: {
      page,
      page_size,
      current_page_size: data.length,
      total_pages: Math.ceil(matching.length / page_size),
      total_results: matching.length,
    },
    sort,
  };
}

interface Condition {
  path: string[];
  values: string[];
}

/** `filter[a][b]=x,y` → path a, b with the values x or y; a repeated key adds values. */
function bracketed(query: URLSearchParams, kind: 'filter' | 'search'): Condition[] {
  const keys = [...new Set(query.keys())].filter((key) => key.startsWith(`${kind}[`) && key.endsWith(']'));
  return keys.map((key) => ({
    path: key.slice(kind.length + 1, -1).split(']['),
    values: query.getAll(key).flatMap((value) => value.split(',')),
  }));
}

/** Compares as text, lists by their members; `true` and `false` ask for the presence of an object, as in `filter[peft]=true`. */
function matches(found: unknown, value: string): boolean {
  if (Array.isArray(found)) return found.some((one) => text(one) === value);
  if (typeof found === 'object') return (value === 'true') === (found !== null);
  return text(found) === value;
}

const NESTED = ['hyperparameters', 'config_snapshot'];

function read(item: object, path: string[]): unknown {
  const direct = path.reduce<unknown>(member, item);
  if (direct !== undefined) return direct;
  return NESTED.map((part) => [part, ...path].reduce<unknown>(member, item)).find(
    (value) => value !== undefined,
  );
}

const member = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null
    ? Object.getOwnPropertyDescriptor(value, key)?.value
    : undefined;

const text = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value ?? '');

function sorted<T>(items: T[], keyOf: (item: T) => string, sort: string): T[] {
  const direction = sort.startsWith('-') ? -1 : 1;
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  return keyed
    .sort((a, b) => direction * (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ item }) => item);
}
