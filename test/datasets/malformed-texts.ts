import { seededRandom } from '../../src/seeded-random.js';
import { aRecord, called, said } from '../support/log-records.js';

/** A record with something at every place that is read. */
const rich = aRecord({
  error_details: null,
  session_id: 's',
  metadata: { thread_id: 1 },
  request: {
    messages: [
      said('system', 'Be kind.'),
      said('user', [{ type: 'text', text: 'Hello' }]),
      called('look_up', '{"a": 1}'),
      { ...said('tool', 'found'), tool_call_id: 'call_1', name: 'look_up' },
    ],
    tools: [{ type: 'function', function: { name: 'look_up', parameters: { properties: { a: {} } } } }],
    tool_choice: 'auto',
    metadata: { session_id: 2 },
  },
  response: {
    choices: [
      { finish_reason: 'tool_calls', message: { ...called('look_up', '{"a": 1}'), content: 'One moment.' } },
    ],
  },
});

type Path = (string | number)[];

function* pathsIn(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* pathsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

/** Whose record it is says who counts it: another name is that of somebody else. */
const OWNER = new Set<Path[number] | undefined>(['workload_id', 'client_id']);
const PATHS = [...pathsIn(rich)];
const DEEP = 20_000;

/** JSON that stands where something else should. */
const ODD = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-1',
    '1e308',
    '-0',
    '12345678901234567890',
    '""',
    '"x"',
    '[]',
    '{}',
    '[[]]',
  ],
  ...[
    '[null]',
    '{"a":null}',
    '{"length":3}',
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\u202e\u0301🏳️‍🌈"',
  ],
  ...['{"__proto__":{"role":"user"}}', '{"toJSON":1}', '{"constructor":null,"hasOwnProperty":1}', '"user"'],
  ...[
    '{"role":"user"}',
    '[{"role":"user","content":"Hi"}]',
    '"{\\"a\\":"',
    '"[1,2]"',
    '"null"',
    '" "',
    '"\\n"',
    '"length"',
    '"content_filter"',
    '"{\\"a\\":12345678901234567891}"',
  ],
];
const ODD_NAMES = ODD.filter((json) => typeof JSON.parse(json) !== 'string');
/** Rare, since each is large. */
const HUGE = [
  `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  JSON.stringify('x'.repeat(300_000)),
  `[${Array(20_000).fill('{}').join()}]`,
  `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":${i}`).join()}}`,
];
/** One in so many. */
const RARE = 2_000;

/**
 * `count` log records with mistakes at one to three places, the same for every seed: another type, nothing, text that is
 * no Unicode, a key twice, a comment, or what is huge or deep. Not all are unusable: some mistakes do not matter.
 */
export function* malformedTexts(count: number, seed: number): Generator<string> {
  const random = seededRandom(seed);
  const below = (end: number) => Math.floor(random() * end);
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  for (let n = 0; n < count; n++) {
    const changes = new Map<string, string>();
    const value: unknown = structuredClone({ ...rich, n });
    for (let i = 0; i <= below(3); i++) {
      const key = `change ${changes.size}`;
      const path = oneOf(PATHS);
      const some = OWNER.has(path[0]) ? ODD_NAMES : ODD;
      const odd = n % RARE === 0 && some === ODD ? (HUGE[(n / RARE) % HUGE.length] ?? '') : oneOf(some);
      if (put(value, path, below(10) === 0 ? undefined : key)) changes.set(key, odd);
    }
    let text = JSON.stringify(value);
    // A key that is there twice: the last one counts, for all who read it.
    if (below(10) === 0) text = `{"request":${oneOf(ODD)},"response":${oneOf(ODD)},${text.slice(1)}`;
    for (const [key, odd] of changes) text = text.replace(`"${key}"`, () => odd);
    // Elasticsearch takes comments for JSON.
    yield below(100) === 0 ? text.replace(':', ': /* x */ ') : text;
  }
}

/** Puts something, or nothing, at a place; false when that place has gone by an earlier change. */
function put(value: unknown, path: Path, replacement: string | undefined): boolean {
  let at = value as Record<string | number, unknown>;
  for (const part of path.slice(0, -1)) {
    const inner = at[part];
    if (typeof inner !== 'object' || inner === null) return false;
    at = inner as Record<string | number, unknown>;
  }
  const last = path.at(-1) ?? '';
  if (replacement === undefined) delete at[last];
  else at[last] = replacement;
  return replacement !== undefined;
}
