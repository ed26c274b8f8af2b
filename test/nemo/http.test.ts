import { expect, test } from 'vitest';
import { z } from 'zod';
import { Http } from '../../src/nemo/http.js';
import { ServiceError } from '../../src/nemo/service-error.js';
import { anAnsweringServer, type Answering } from '../support/answering-server.js';

const Thing = z.object({ id: z.string() });

async function aService(answering: Answering | null) {
  const { url, asked } = await anAnsweringServer(() => answering);
  return { http: new Http('evaluator', `${url}/`), url, asked };
}

async function errorOf(call: Promise<unknown>): Promise<ServiceError> {
  const error: unknown = await call.then(
    () => 'no error',
    (reason: unknown) => reason,
  );
  if (error instanceof ServiceError) return error;
  throw new Error(`not a ServiceError: ${String(error)}`);
}

test.each([
  ['the detail', { detail: 'no such job' }, 'no such job'],
  ['the body', 'out of order', 'out of order'],
  ['that a proxy answered', '<html>Bad Gateway</html>', 'HTML instead of JSON'],
])('an error says neither method, URL and status nor %s', async (_what, body, said) => {
  const { http, url } = await aService({ status: 502, body });
  const error = await errorOf(http.json('GET', '/v1/thing', Thing, { query: { page: 2 } }));
  expect(error.message.startsWith(`GET ${url}/v1/thing?page=2: 502: `)).toBe(true);
  expect(error.message).toContain(said);
  expect(error).toMatchObject({ service: 'evaluator', status: 502, misfit: false });
});

test('the key of a judge that a refused request carried comes back in the error', async () => {
  const input = { model: { api_key: 'sk-secret' } };
  const issue = { type: 'missing', loc: ['body', 'config', 'tasks', 0], msg: 'Field required', input };
  const { http } = await aService({ status: 422, body: { detail: [issue] } });
  const error = await errorOf(http.json('POST', '/v1/thing', Thing, { body: input }));
  expect(error.message).toMatch(/: 422: body\.config\.tasks\.0: Field required$/);
});

const SECRET = 'judge-secret-0123456789abcdef';

test.each([
  ['in its detail', { detail: `Incorrect API key provided: ${SECRET}` }],
  ['in a detail of each field', { detail: [{ loc: ['body'], msg: `${SECRET} is no key` }] }],
  ['in another body', { error: { message: `Incorrect API key provided: ${SECRET}` } }],
  ['where its body is cut', `<html>${'x'.repeat(285)}${SECRET}`],
])('a key that a service repeats %s is shown, or a part of it', async (_what, body) => {
  for (const status of [200, 401, 503]) {
    const { url } = await anAnsweringServer(() => ({ status, body }));
    const http = new Http('evaluator', url, { secrets: [SECRET] });
    const { message } = await errorOf(http.json('POST', '/v1/evaluation/jobs', Thing, { body: {} }));
    expect(message).not.toContain(SECRET.slice(0, 6));
    if (status !== 200) expect(message).toContain('***');
  }
});

test('a long page drowns what an error says', async () => {
  const { http } = await aService({ status: 500, body: `<html>${'x'.repeat(10_000)}` });
  expect((await errorOf(http.json('GET', '/', Thing))).message.length).toBeLessThan(500);
});

test('an answer that is not JSON is taken for good, or its status is lost', async () => {
  const { http } = await aService({ body: '<html>Please log in</html>' });
  const error = await errorOf(http.json('GET', '/', Thing));
  expect(error).toMatchObject({ status: 200, misfit: false });
  expect(error.message).toMatch(/: 200: the answer is not JSON: HTML instead of JSON/);
});

test('an answer without what it should hold does not say what it lacks', async () => {
  const { http } = await aService({ body: { name: 'x' } });
  const error = await errorOf(http.json('GET', '/', Thing));
  expect(error).toMatchObject({ status: 200, misfit: true });
  expect(error.message).toMatch(/: 200: the answer lacks id: /);
});

test('a key that a later release adds breaks a client', async () => {
  const { http } = await aService({ body: { id: 'a', added: { later: true } } });
  expect(await http.json('GET', '/', Thing)).toEqual({ id: 'a' });
});

test('absence is an error', async () => {
  const { http } = await aService({ status: 404, body: { detail: 'not found' } });
  expect(await http.find('/', Thing)).toBeNull();
});

test.each([
  ['a page', '<html>default backend - 404</html>'],
  ['a word', 'default backend - 404'],
  ['nothing', ''],
  ['a list', []],
])(
  'a proxy that has no way to the platform, and answers 404 with %s, is taken for absence',
  async (_what, body) => {
    const { http } = await aService({ status: 404, body });
    const elsewhere = {
      status: null,
      misfit: false,
      message: expect.stringContaining('/v1/thing: 404: that is no answer of evaluator') as string,
    };
    expect(await errorOf(http.find('/v1/thing', Thing))).toMatchObject(elsewhere);
    expect(await errorOf(http.json('GET', '/v1/thing', Thing))).toMatchObject(elsewhere);
    expect(await errorOf(http.expect('DELETE', '/v1/thing', [404]))).toMatchObject(elsewhere);
  },
);

test('a wrong URL is waited on where a thing is to be made', async () => {
  const { http } = await aService({ status: 404, body: '404 page not found' });
  expect(await errorOf(http.expect('POST', '/v1/things', [409], { body: {} }))).toMatchObject({
    status: 404,
  });
});

test.each([
  ['12', 12_000],
  ['soon', null],
])('Retry-After: %s is read wrongly', async (header, expected) => {
  const { http } = await aService({ status: 503, headers: { 'retry-after': header } });
  expect((await errorOf(http.json('GET', '/', Thing))).retryAfterMs).toBe(expected);
});

test('Retry-After as a date is read wrongly', async () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  const { http } = await aService({ status: 429, headers: { 'retry-after': inAnHour } });
  const { retryAfterMs } = await errorOf(http.json('GET', '/', Thing));
  expect(retryAfterMs).toBeGreaterThan(3_000_000);
  expect(retryAfterMs).toBeLessThanOrEqual(3_600_000);
});

test('a service that is not there does not say where it was looked for', async () => {
  const { url } = await anAnsweringServer(() => null);
  const closed = url.replace(/\d+$/, '1');
  const error = await errorOf(new Http('customizer', closed).json('GET', '/v1/jobs', Thing));
  expect(error.status).toBeNull();
  expect(error.message).toContain(`GET ${closed}/v1/jobs: no answer (`);
  expect(error.message).toContain('is customizer up and its URL right?');
});

test('a cancelled request ends as a failure of the service', async () => {
  const { http } = await aService(null);
  const reason = new Error('cancelled by us');
  const cancellation = new AbortController();
  const call = http.json('GET', '/', Thing, { signal: cancellation.signal });
  cancellation.abort(reason);
  await expect(call).rejects.toBe(reason);
});

test.each([
  ['is not answered', null],
  ['is answered without end', { headers: { 'content-length': '100' }, body: '{"id":' }],
])('the making of a thing that %s goes on after GPUs were given away', async (_what, answering) => {
  const { url } = await aService(answering);
  const http = new Http('customizer', url, { longestCreationMs: 50 });
  const error = await errorOf(http.json('POST', '/v1/jobs', Thing, { body: {}, creates: true }));
  expect(error).toMatchObject({ status: null, message: expect.stringMatching(/no answer \(.*timeout/) });
});
