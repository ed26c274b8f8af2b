import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ROUTES } from '../../src/gateway/routes.js';
import { readIncoming } from '../../src/stores/incoming-record.js';
import { startCheckedGateway } from '../support/checked-gateway.js';
import { complaintOf, document, type SeenAnswer } from '../support/conformity.js';
import { runRecord } from '../support/stores.js';
import { aGateway, JOB } from './gateway-world.js';
import { keyed } from './keyed.js';

test('the document is no OpenAPI 3.1, or two operations have one name', async () => {
  const { call } = await aGateway();
  const { status, body } = await call('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(body).toMatchObject({ openapi: '3.1.0', paths: document.paths });
  expect(await new Validator().validate(body)).toEqual({ valid: true });
  const methods = Object.values(document.paths).flatMap((path) => Object.values(path));
  const ids = methods.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('a parameter that must be given is described as one that may be left out, or the other way round', () => {
  const said: Record<string, boolean> = {};
  const read: Record<string, boolean> = {};
  for (const [path, methods] of Object.entries(ROUTES))
    for (const [method, { query }] of Object.entries(methods)) {
      const { parameters = [] } = document.paths[path]?.[method] ?? {};
      for (const { name, required, in: place } of parameters)
        if (place === 'query') said[`${method} ${path} ${name}`] = required;
      for (const [name, schema] of Object.entries(query?.shape ?? {}))
        read[`${method} ${path} ${name}`] = !z.safeParse(schema, undefined).success;
    }
  expect(said).toEqual(read);
  expect(new Set(Object.values(read))).toEqual(new Set([true, false]));
});

test('a path that takes anybody is said to refuse some, or one that refuses who has no key is not', async () => {
  const { call } = await aGateway({ configure: keyed });
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { responses }] of Object.entries(methods)) {
      const { status } = await call(method.toUpperCase(), path.replace('{id}', runRecord(1).runId));
      const described = ['401', '429'].filter((refusal) => refusal in responses);
      expect(described, `${method} ${path}`).toEqual(status === 401 ? ['401', '429'] : []);
    }
});

test('the document says other things of a request than what is read', () => {
  const { properties, required } = document.components.schemas['JobRequest'] ?? {};
  expect(required).toEqual(['workload_id', 'client_id']);
  expect(properties).toMatchObject({
    workload_id: { type: 'string', maxLength: 256 },
    data_split_config: {
      anyOf: [
        {
          properties: {
            eval_size: { type: 'integer', minimum: 1 },
            val_ratio: { type: 'number', minimum: 0, exclusiveMaximum: 1 },
            limit: { anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
            parse_function_arguments: { type: 'boolean' },
          },
        },
        { type: 'null' },
      ],
    },
  });
  const { parameters = [] } = document.paths['/api/jobs']?.['get'] ?? {};
  const names = parameters.map(({ name, in: place }) => `${place} ${name}`);
  expect(names).toEqual(
    ['status', 'workload_id', 'client_id', 'limit', 'cursor'].map((name) => `query ${name}`),
  );
});

/** Names are counted in UTF-16 units, as Elasticsearch does; JSON Schema counts characters. */
const ajv = new Ajv2020({ strict: false, unicode: false, logger: false });
const isLogRecord = ajv.compile(document.components.schemas['LogRecord'] ?? {});

/** Of log records, what each key may hold; it may hold anything else too, or be absent. */
const RIGHT = {
  workload_id: fc.string({ maxLength: 300, size: 'max' }),
  client_id: fc.string({ unit: 'binary', minLength: 100, maxLength: 140, size: 'max' }),
  timestamp: fc.oneof(
    fc.nat(),
    fc.double({ min: -1, max: 1.001e14, noNaN: true }),
    fc.constantFrom('2026-01-05T08:00:00Z', '1767600000', 'today'),
  ),
  request: fc.constant({ messages: [] }),
  response: fc.constant({ choices: [] }),
  session_id: fc.jsonValue(),
};
const almostRecords = fc.record(
  Object.fromEntries(
    Object.entries(RIGHT).map(([key, right]) => [
      key,
      fc.oneof(
        { arbitrary: right, weight: 20 },
        { arbitrary: fc.jsonValue(), weight: 1 },
        { arbitrary: fc.constant(undefined), weight: 1 },
      ),
    ]),
  ),
);

test('the document forbids a log record that is kept, or allows one that is refused', () => {
  const seen = { kept: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof({ arbitrary: almostRecords, weight: 20 }, fc.jsonValue()), (value) => {
      const item: unknown = JSON.parse(JSON.stringify(value));
      const [error] = readIncoming([item]).errors;
      seen[error ? 'refused' : 'kept'] += 1;
      // Whether a text is a time, no schema can say.
      if (error?.reason.startsWith('`timestamp`') && hasTextTime(item)) return;
      expect(isLogRecord(item)).toBe(error === undefined);
    }),
    { numRuns: 5_000 },
  );
  expect(Math.min(seen.kept, seen.refused)).toBeGreaterThan(200);
});

const hasTextTime = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && 'timestamp' in item && typeof item.timestamp === 'string';

test('the page lacks an operation or a schema, or needs something that its policy forbids', async () => {
  const { call } = await aGateway();
  const { status, headers, text } = await call('GET', '/docs');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  for (const [path, methods] of Object.entries(document.paths))
    for (const { operationId } of Object.values(methods)) {
      expect(text).toContain(`id="${operationId}"`);
      expect(text).toContain(path);
    }
  for (const name of Object.keys(document.components.schemas)) expect(text).toContain(`id="${name}"`);
  const links = [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link = '']) => link);
  for (const link of links)
    expect(link === 'openapi.json' || text.includes(`id="${link.slice(1)}"`)).toBe(true);
  expect(text).not.toMatch(/<script|<link|\son\w+=|url\(|@import/);
  const policy = headers.get('content-security-policy');
  expect(policy).toMatch(/style-src [^;]*'unsafe-inline'/);
  expect(policy).not.toContain('upgrade-insecure-requests');
});

const listed: SeenAnswer = {
  method: 'GET',
  path: '/api/jobs?limit=1',
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: '{"jobs":[],"next_cursor":null}',
};

test.each<[string, Partial<SeenAnswer>, RegExp]>([
  ['with a key too many', { body: '{"jobs":[],"extra":1}' }, /additional properties/],
  ['without a key', { body: '{}' }, /required property 'jobs'/],
  ['with a value of another kind', { body: '{"jobs":{}}' }, /must be array/],
  ['of a status that is not described', { status: 201 }, /status that is not described/],
  ['of another type', { headers: { 'content-type': 'text/plain' } }, /type text\/plain/],
  ['of a path that is not described', { path: '/api/secret' }, /path that is not described/],
  ['of a method that is not described', { method: 'PATCH' }, /no such method/],
  [
    'that tells nobody when to ask again',
    { status: 503, body: '{"detail":"later"}' },
    /no header Retry-After/,
  ],
  [
    "of our own in place of an upstream's says nothing, and",
    { path: '/v1/models', status: 404, body: '{"error":1}' },
    /'detail'/,
  ],
  [
    "in place of an upstream's is none that its clients read, and",
    { path: '/v1/models', status: 502, body: '{"detail":"away"}' },
    /'error'/,
  ],
  ['that is a problem without a detail', { path: '/nope', status: 404, body: '{"error":1}' }, /'detail'/],
])('an answer %s passes', (_what, wrong, reason) => {
  expect(complaintOf(listed)).toBeNull();
  expect(complaintOf({ ...listed, ...wrong })).toMatch(reason);
});

test('what an upstream answers has to be as we describe, or what we answer in its place has not', () => {
  const passed = { ...listed, path: '/v1/models', status: 418, body: 'tea' };
  expect([true, false].map((isPassedOn) => complaintOf({ ...passed, isPassedOn }))).toEqual([
    null,
    expect.stringMatching(/status that is not described/),
  ]);
});

test('a gateway in a test ends in peace after an answer that is not as described', async () => {
  const { temporal, taskQueue, logs, runs, config, platform } = await aGateway();
  const services = { temporal, taskQueue, logs, runs, config, platform };
  const gateway = await startCheckedGateway(services, { host: '127.0.0.1', port: 0 });
  let isClosed = false;
  onTestFinished(() => (isClosed ? undefined : gateway.close()));
  await runs.put({ ...runRecord(1), finishedAt: runRecord(1).startedAt, numRecords: -1 });
  const answer = await fetch(`${gateway.url}/api/jobs/${runRecord(1).runId}`);
  expect(await answer.json()).toMatchObject({ num_records: -1, workload_id: JOB.workload_id });
  isClosed = true;
  await expect(gateway.close()).rejects.toThrow(
    /GET \/api\/jobs\/\w{12}0{11}1: 200: body\/num_records must be >= 0/,
  );
});
