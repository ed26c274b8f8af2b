import fc from 'fast-check';
import { KNOWN_REQUESTS, type KnownRequest, type ServiceUrl } from './platform-routes.js';

export interface FuzzedRequest {
  service: ServiceUrl;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

/** Names that are there, by what they stand for in a path. */
export type KnownNames = Record<string, string[]>;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'];
const LONG = 5_000;

/** What a path, or a query, may have anywhere. */
export const pathPart = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '.',
      '..',
      '%',
      '%zz',
      '%00',
      '%2F',
      '..%2f..',
      '%E0%A4%A',
      '%ff',
      '%25',
      '__proto__',
      'constructor',
    ],
    ...[
      'test',
      'd',
      'main',
      'HEAD',
      '@',
      '+',
      '*',
      ':id',
      '{x}',
      'a;b',
      "'",
      '[',
      ']]',
      '&&',
      '=',
      '#',
      '?',
      '//',
    ],
    'x'.repeat(LONG),
    encodeURIComponent('ü𝄞/\n'),
  ),
  fc.string({ maxLength: 12 }).map((text) => encodeURI(text)),
  // The characters that HTTP lets into a request line, with no regard to encoding.
  fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 12,
  }),
);

const number = fc.oneof(
  fc.constantFrom(0, -1, 1.5, 1e308, -1e308, 2 ** 30, 2 ** 31, 2 ** 53, Number.MIN_VALUE),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

export const text = fc.oneof(
  fc.constantFrom('', 'null', '{{', '{{ item }}', '{% for x in y %}', 'test/d', '../..', '\0', '\ud800', 'é'),
  fc.constantFrom(
    'x'.repeat(LONG),
    '__proto__',
    'constructor',
    'hf://datasets/test/d',
    'http://127.0.0.1:1/v1',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

export const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false),
    number,
    text,
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('any'), { maxLength: 4 }),
  object: fc.dictionary(text, tie('any'), { maxKeys: 4 }),
})).any;

/** Another JSON value in the place of one, a member more, or one less. */
function mutated(known: unknown, path: readonly number[], replacement: unknown): unknown {
  const [at, ...rest] = path;
  if (at === undefined || typeof known !== 'object' || known === null) return replacement;
  if (Array.isArray(known)) {
    const index = known.length === 0 ? 0 : at % known.length;
    return Object.assign([...known], { [index]: mutated(known[index], rest, replacement) });
  }
  const keys = Object.keys(known);
  const key = keys[at % Math.max(keys.length, 1)] ?? 'more';
  const inner: unknown = Object.getOwnPropertyDescriptor(known, key)?.value;
  return { ...known, [key]: mutated(inner, rest, replacement) };
}

export const mutation = fc.record({
  path: fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }),
  replacement: fc.oneof(value, fc.constant(undefined)),
});

/** Stands for a value that is nested too deep for anybody who reads it step by step. */
const DEEP = 'nested very deep';
const deepText = `${'{"a":['.repeat(20_000)}0${']}'.repeat(20_000)}`;
const stringify = (body: unknown): string | undefined =>
  JSON.stringify(body)?.replaceAll(JSON.stringify(DEEP), deepText);

/** Bodies that are no JSON of ours at all. */
export const strangeBody = fc.oneof(
  fc.constantFrom('', '{', '[1,', 'null', '"', 'NaN', '\uFEFF{}', deepText),
  fc.constant('['.repeat(50_000)),
  fc.constant(JSON.stringify({ name: 'x'.repeat(300_000) })),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  value.map(stringify),
);

const bodyOf = ({ body }: KnownRequest): fc.Arbitrary<string | Buffer | undefined> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.array(mutation, { maxLength: 3 }).map((all) => toText(body, all)) },
    { weight: 1, arbitrary: strangeBody },
  );

export const toText = (
  body: unknown,
  mutations: { path: number[]; replacement: unknown }[],
): string | undefined =>
  stringify(mutations.reduce((known, { path, replacement }) => mutated(known, path, replacement), body));

export const header = fc.constantFrom<[string, string][]>(
  ['content-type', 'application/json; charset=utf-42'],
  ['content-type', 'application/x-www-form-urlencoded'],
  ['content-type', 'application/x-ndjson'],
  ['content-type', 'text/plain'],
  ['content-type', ';;;'],
  ['content-type', 'multipart/form-data'],
  ['content-encoding', 'gzip'],
  ['content-encoding', 'nonsense'],
  ['accept', 'image/png;q=x'],
  ['accept-encoding', 'br, gzip'],
  ['host', 'a b/c?d'],
  ['host', ''],
  ['range', 'bytes=5-2'],
  ['range', 'bytes=0-,5-6,-1'],
  ['range', 'lines=1'],
  ['if-none-match', '*'],
  ['if-modified-since', 'yesterday'],
  ['if-range', '"x"'],
  ['user-agent', 'hf_hub/1.99999999999999999999'],
  ['x-forwarded-host', 'evil/\\'],
  ['x-http-method-override', 'DELETE'],
  ['authorization', 'Bearer \u00ff'],
  ['expect', 'miracles'],
  ['cookie', 'a=%'],
  ['x'.repeat(200), 'y'.repeat(4_000)],
);

/** A route's path with names put in, mostly ones that are there. */
function pathOf({ path }: KnownRequest, names: KnownNames): fc.Arbitrary<string> {
  const parts = path.split(/(\{\w+\})/).map((part) => {
    const known = /^\{(\w+)\}$/.exec(part)?.[1];
    if (known === undefined) return fc.constant(part);
    const there = names[known] ?? [];
    return fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...there) }, { weight: 1, arbitrary: pathPart });
  });
  const whole = fc.tuple(...parts).map((all) => all.join(''));
  const more = fc.array(pathPart, { maxLength: 3 });
  const query = fc.array(fc.tuple(fc.oneof(queryName, pathPart), pathPart), { maxLength: 3 });
  return fc.oneof(
    { weight: 6, arbitrary: whole },
    { weight: 1, arbitrary: fc.tuple(whole, more).map(([known, odd]) => [known, ...odd].join('/')) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(whole, query)
        .map(
          ([known, pairs]) =>
            `${known}${known.includes('?') ? '&' : '?'}${pairs.map((pair) => pair.join('=')).join('&')}`,
        ),
    },
    { weight: 1, arbitrary: more.map((odd) => `/${odd.join('/')}`) },
  );
}

const queryName = fc.constantFrom(
  ...[
    'page',
    'page_size',
    'sort',
    'filter[a][b]',
    'filter[created_at][gte]',
    'search[name]',
    'filter[]',
    'filter[',
  ],
  ...[
    'filter[__proto__]',
    'filter[name][x]',
    'filter[hyperparameters]',
    'limit',
    'p',
    'recursive',
    'expand',
    'create_pr',
  ],
);

/** Requests that a route may take, and all sorts of others. */
export const fuzzedRequest = (names: KnownNames): fc.Arbitrary<FuzzedRequest> =>
  fc.constantFrom(...KNOWN_REQUESTS).chain((known) =>
    fc.record({
      service: fc.oneof(
        { weight: 20, arbitrary: fc.constant(known.service) },
        { weight: 1, arbitrary: fc.constantFrom<ServiceUrl[]>('nemoUrl', 'nimUrl', 'dataStoreUrl') },
      ),
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constant(known.method) },
        { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
      ),
      path: pathOf(known, names),
      headers: fc
        .oneof(
          { weight: 3, arbitrary: fc.constant([]) },
          { weight: 1, arbitrary: fc.array(header, { maxLength: 3 }) },
        )
        .map((all) => ({ 'content-type': 'application/json', ...Object.fromEntries(all) })),
      body: bodyOf(known),
    }),
  );
