/** `filter[a][b]=x,y` or `search[a][b]=x,y`. */
export interface Condition {
  path: string[];
  values: string[];
}

/** Reads one item. */
export type ValueAt = (path: string[]) => unknown;

/** Bounds of a time, as in `filter[created_at][gte]=…` and `search[created_at][start]=…`. */
const BOUNDS: Record<string, (value: string, bound: string) => boolean> = {
  gte: (value, bound) => value >= bound,
  start: (value, bound) => value >= bound,
  lte: (value, bound) => value <= bound,
  end: (value, bound) => value <= bound,
};

export function matchesFilter(valueAt: ValueAt, condition: Condition): boolean {
  const bounded = withinBound(valueAt, condition);
  if (bounded !== undefined) return bounded;
  const found = readReference(valueAt, condition.path);
  return condition.values.some((value) => isEqual(found, value));
}

/** A reference is kept as it was sent: as a name or as an object that has one. Filters may use either form. */
function readReference(valueAt: ValueAt, path: string[]): unknown {
  const parent = valueAt(path.slice(0, -1));
  return path.length > 1 && path.at(-1) === 'name' && typeof parent === 'string' ? parent : valueAt(path);
}

export function matchesSearch(valueAt: ValueAt, condition: Condition): boolean {
  const bounded = withinBound(valueAt, condition);
  if (bounded !== undefined) return bounded;
  const found = text(valueAt(condition.path));
  return condition.values.some((value) => found.includes(value));
}

/** Undefined when the condition is no bound of a time. */
function withinBound(valueAt: ValueAt, { path, values }: Condition): boolean | undefined {
  const within = Object.hasOwn(BOUNDS, path.at(-1) ?? '') ? BOUNDS[path.at(-1) ?? ''] : undefined;
  const moment = valueAt(path.slice(0, -1));
  if (!within || typeof moment !== 'string' || Number.isNaN(toTime(moment))) return undefined;
  // Times of the same form compare as text once they are in one zone.
  const inUtc = (time: string) => (Number.isNaN(toTime(time)) ? time : new Date(toTime(time)).toISOString());
  // A search up to a day includes that day.
  const whole = (bound: string) =>
    path.at(-1) === 'end' && /^\d{4}-\d\d-\d\d$/.test(bound) ? `${bound}T23:59:59.999Z` : bound;
  return values.some((bound) => within(inUtc(moment), inUtc(whole(bound))));
}

/** The platform's times have no zone and are in UTC. */
const toTime = (text: string) => Date.parse(/(Z|[+-]\d\d:?\d\d)$|^[\d-]+$/.test(text) ? text : `${text}Z`);

/** Compares as text, lists by their members; `true` and `false` also ask for the presence of an object, as in `filter[peft]=true`. */
function isEqual(found: unknown, value: string): boolean {
  if (typeof found === 'boolean') return String(found) === value;
  if (found === undefined || found === null) return value === 'false';
  if (Array.isArray(found)) return found.some((one) => text(one) === value);
  if (typeof found === 'object') return value === 'true' || member(found, 'name') === value;
  return String(found) === value;
}

const NESTED = ['hyperparameters', 'config_snapshot'];

/** The value at a path of an item, or of the parts of jobs that filters mean too. */
export function read(item: object, path: string[]): unknown {
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

export const text = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
