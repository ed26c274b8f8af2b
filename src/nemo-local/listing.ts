import type { Request } from 'express';
import { z } from 'zod';
import { parseQuery } from './http-error.js';
import { matchesFilter, matchesSearch, read, text, type Condition } from './list-conditions.js';

const Page = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(1000).default(10),
  sort: z.string().default('-created_at'),
});

/** What every list can be sorted by. */
const SORTABLE = ['created_at', 'updated_at', 'name'];

/**
 * Answers a list request: filters, sorts, cuts out one page. A page past the end is empty, not an error:
 * the platform's own library reads on until it meets one. `derived` gives what can be asked for by a name that is none of
 * the item's members; `sortable` names what this list can be sorted by besides.
 */
export function listPage<T extends object>(
  req: Request,
  items: readonly T[],
  derived: (item: T) => Record<string, unknown> = () => ({}),
  sortable: readonly string[] = [],
) {
  const query = new URL(req.originalUrl, 'http://list').searchParams;
  const { page, page_size, sort } = parseQuery(Page, Object.fromEntries(query));
  const sorts = z.enum([...SORTABLE, ...sortable].flatMap((field) => [field, `-${field}`]));
  parseQuery(z.object({ sort: sorts }), { sort });
  const filters = bracketed(query, 'filter');
  const searches = bracketed(query, 'search');
  const valueOf: ValueOf<T> = (item, path) => derived(item)[path.join('.')] ?? read(item, path);
  const matching = items.filter(
    (item) =>
      filters.every((condition) => matchesFilter((path) => valueOf(item, path), condition)) &&
      searches.every((condition) => matchesSearch((path) => valueOf(item, path), condition)),
  );
  const data = sorted(matching, valueOf, sort).slice((page - 1) * page_size, page * page_size);
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
    ...(filters.length > 0 && { filter: nested(filters) }),
    ...(searches.length > 0 && { search: nested(searches) }),
  };
}

type ValueOf<T> = (item: T, path: string[]) => unknown;

/** `filter[a][b]=x,y` → path a, b with the values x or y; a repeated key adds values. */
function bracketed(query: URLSearchParams, kind: 'filter' | 'search'): Condition[] {
  const keys = [...new Set(query.keys())].filter((key) => key.startsWith(`${kind}[`) && key.endsWith(']'));
  return keys.map((key) => ({
    path: key.slice(kind.length + 1, -1).split(']['),
    values: query.getAll(key).flatMap((value) => value.split(',')),
  }));
}

/** The conditions as the answer repeats them: `{"a": {"b": "x,y"}}`. */
function nested(conditions: Condition[]): Record<string, unknown> {
  const asked: Record<string, unknown> = Object.create(null);
  for (const { path, values } of conditions) {
    const value = path.slice(1).reduceRight<unknown>((inner, key) => ({ [key]: inner }), values.join(','));
    const before = asked[path[0] ?? ''];
    const isObject = typeof before === 'object' && typeof value === 'object';
    asked[path[0] ?? ''] = isObject ? { ...before, ...value } : value;
  }
  return asked;
}

/** Of those that compare equal, the later made comes first when sorting downwards. */
function sorted<T>(items: readonly T[], valueOf: ValueOf<T>, sort: string): T[] {
  const path = [sort.replace(/^-/, '')];
  const direction = sort.startsWith('-') ? -1 : 1;
  const keyed = items.map((item, place) => ({ item, place, value: valueOf(item, path) }));
  return keyed
    .sort((a, b) => direction * (compare(a.value, b.value) || a.place - b.place))
    .map(({ item }) => item);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [text(a), text(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
