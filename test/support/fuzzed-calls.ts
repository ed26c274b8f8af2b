import fc from 'fast-check';
import { header, mutation, pathPart, strangeBody, text, toText } from './fuzzed-requests.js';
import { logRecord } from './stores.js';

/** A request to the gateway that its client can send. */
export interface FuzzedCall {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

interface KnownCall {
  weight: number;
  method: string;
  path: string;
  body?: object;
}

const JOB = {
  workload_id: 'checkout',
  client_id: 'shop',
  // Wrong twice: it takes a mutation to make a job of it, and each job makes the lists longer.
  data_split_config: { eval_size: 0, val_ratio: 0.1, limit: 10, min_total_records: 50, random_seed: null },
};

const CHAT = { model: 'm', messages: [{ role: 'user', content: 'question' }], stream: false };

/** Each route, with a body that it knows; what asks a store or Temporal comes seldom: it takes milliseconds. */
const KNOWN: KnownCall[] = [
  { weight: 4, method: 'GET', path: '/api/jobs' },
  { weight: 8, method: 'GET', path: '/api/jobs/{id}' },
  { weight: 2, method: 'DELETE', path: '/api/jobs/{unknown}' },
  { weight: 2, method: 'POST', path: '/api/jobs/{id}/cancel' },
  { weight: 28, method: 'POST', path: '/api/jobs', body: JOB },
  { weight: 10, method: 'POST', path: '/api/logs', body: { ...logRecord(1), timestamp: 'soon' } },
  { weight: 2, method: 'POST', path: '/api/logs', body: [logRecord(1), logRecord(2)] },
  { weight: 2, method: 'POST', path: '/api/datasets/preview', body: { ...JOB, workload_id: null } },
  { weight: 10, method: 'POST', path: '/api/schedules', body: { ...JOB, every: '1x', cron: '0 3 * * 1' } },
  { weight: 2, method: 'GET', path: '/api/schedules/{unknown}' },
  { weight: 2, method: 'POST', path: '/api/schedules/{unknown}/pause' },
  { weight: 4, method: 'DELETE', path: '/api/logs?client_id=bank&workload_id=w' },
  { weight: 28, method: 'GET', path: '/health' },
  { weight: 2, method: 'GET', path: '/ready' },
  { weight: 1, method: 'GET', path: '/api/jobs/{id}/events' },
  { weight: 1, method: 'GET', path: '/api/jobs/{id}/report' },
  { weight: 1, method: 'GET', path: '/api/workloads' },
  { weight: 1, method: 'GET', path: '/api/schedules' },
  { weight: 1, method: 'GET', path: '/api/gpu-pool' },
  { weight: 1, method: 'GET', path: '/api/proxy' },
  { weight: 1, method: 'GET', path: '/metrics' },
  { weight: 3, method: 'POST', path: '/v1/chat/completions', body: CHAT },
  { weight: 1, method: 'GET', path: '/v1/models' },
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];
const QUERY = [
  'status',
  'workload_id',
  'client_id',
  'limit',
  'cursor',
  'before',
  'confirm',
  'status[]',
  '__proto__',
];

const often = <T>(weight: number, usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });

const pathOf = (path: string, ids: string[]): fc.Arbitrary<string> => {
  const id = often(6, fc.constantFrom(...ids, 'f'.repeat(24), 'F'.repeat(24)), pathPart);
  const known = id.map((one) => path.replace('{id}', one).replace('{unknown}', '0'.repeat(24)));
  const query = fc
    .array(fc.tuple(often(4, fc.constantFrom(...QUERY), pathPart), often(1, pathPart, text.map(encoded))), {
      maxLength: 3,
    })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
  return fc.oneof(
    { weight: 5, arbitrary: known },
    {
      weight: 3,
      arbitrary: fc
        .tuple(known, query)
        .map(([one, asked]) => `${one}${one.includes('?') ? '&' : '?'}${asked}`),
    },
    { weight: 1, arbitrary: fc.tuple(known, pathPart).map(([one, more]) => `${one}/${more}`) },
    { weight: 1, arbitrary: fc.array(pathPart, { maxLength: 3 }).map((parts) => `/${parts.join('/')}`) },
  );
};

const encoded = (value: string): string => encodeURIComponent(Buffer.from(value).toString());

const HEADERS = often(
  2,
  fc.constant<[string, string][]>([]),
  fc.array(
    often(
      3,
      header,
      fc.constantFrom<[string, string][]>(
        ['x-request-id', '{"a":1}'],
        ['x-forwarded-for', "1.2.3.4, '"],
        ['idempotency-key', '\u00ff'.repeat(300)],
        ['content-encoding', 'deflate, gzip'],
        ['content-type', 'application/json; charset=""'],
        ['last-event-id', '-1e9'],
        ['x-flywheel-client-id', '\u00c3'],
        ['x-flywheel-workload-id', '\u00ff'.repeat(300)],
      ),
    ),
    { maxLength: 3 },
  ),
);

/** With each of the keys, with one that is not known, and without. */
const withKey = (keys: string[]): fc.Arbitrary<Record<string, string>> =>
  often(6, fc.constantFrom(...keys), fc.constantFrom('wrong', null)).map((key) =>
    key === null ? {} : { authorization: `Bearer ${key}`, 'x-flywheel-key': key },
  );

const headersWith = (keys: string[]): fc.Arbitrary<Record<string, string>> =>
  fc
    .tuple(keys.length === 0 ? fc.constant({}) : withKey(keys), HEADERS)
    .map(([key, all]) => ({ 'content-type': 'application/json', ...key, ...Object.fromEntries(all) }));

/** Requests that a route may take, and all sorts of others; `ids` are those of jobs that are there, `keys` are known. */
export const fuzzedCall = (ids: string[], keys: string[] = []): fc.Arbitrary<FuzzedCall> =>
  fc
    .oneof(...KNOWN.map(({ weight, ...known }) => ({ weight, arbitrary: fc.constant(known) })))
    .chain((known) =>
      fc.record({
        method: often(15, fc.constant(known.method), fc.constantFrom(...METHODS)),
        path: pathOf(known.path, ids),
        headers: headersWith(keys),
        body:
          known.body === undefined
            ? often(10, fc.constant(undefined), fc.constant('{'))
            : often(
                60,
                fc.array(mutation, { minLength: 1, maxLength: 3 }).map((all) => toText(known.body, all)),
                strangeBody,
              ),
      }),
    );

const line = (method: string, path: string, ...more: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'Host: x', ...more, '', ''].join('\r\n');

/** What is no HTTP, or no whole request, as text of bytes. */
export const brokenHttp: fc.Arbitrary<string> = fc.oneof(
  fc
    .uint8Array({ minLength: 1, maxLength: 300 })
    .map((bytes) => `${Buffer.from(bytes).toString('latin1')}\r\n\r\n`),
  fc.constantFrom(
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET /%\u0000 HTTP/1.1\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    line('GET', 'http://[/'),
    line('CONNECT', 'x:443'),
    line('GET', '*'),
    line('GET', '/api/jobs', 'Content-Length: 5', 'Transfer-Encoding: chunked'),
    line('POST', '/api/jobs', 'Content-Length: -5'),
    line('POST', '/api/jobs', 'Content-Length: 99999999999999999999'),
    `${line('POST', '/api/jobs', 'Content-Length: 100')}{`,
    `${line('POST', '/api/logs', 'Transfer-Encoding: chunked')}zz\r\n`,
    `${line('POST', '/api/logs', 'Transfer-Encoding: chunked')}5\r\n{"a`,
    `${line('POST', '/api/logs', 'Content-Length: 3', 'Content-Encoding: gzip')}abc`,
    line('GET', '/api/jobs', 'Upgrade: websocket', 'Connection: Upgrade'),
    line('GET', '/api/jobs', 'Expect: miracles'),
    line('GET', `/${'x'.repeat(70_000)}`),
    line('GET', '/', `a: ${'x'.repeat(70_000)}`),
    line('GET', '/', ...Array.from({ length: 3_000 }, (_, n) => `h${n}: 1`)),
  ),
  // Any request, cut off anywhere.
  fc
    .tuple(fc.nat(120), fc.constantFrom('POST', 'GET', 'DELETE'), pathPart)
    .map(([at, method, path]) => line(method, `/api/${path}`, 'Content-Length: 2').slice(0, at)),
);
