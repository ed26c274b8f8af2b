import { describe, expect, test } from 'vitest';
import { aConnection } from '../../support/raw-connection.js';
import { runRecord } from '../../support/stores.js';
import { aGateway, JOB } from '../gateway-world.js';
import { completedRun } from '../job-records.js';
import { keyed } from '../keyed.js';

const UNKNOWN = 'ab'.repeat(12);
const OPEN = runRecord(1).runId;
const FINISHED = completedRun(2).runId;

/** A gateway with an open and a finished job. */
async function withJobs() {
  const world = await aGateway();
  await world.runs.put(runRecord(1, { status: 'running', stage: 'trying-candidates' }));
  await world.runs.put(completedRun(2, { config: { ...runRecord(1).config, candidates: [] } }));
  return world;
}

test.each([
  ['GET', `/api/jobs/${UNKNOWN}`, 404, 'Job not found'],
  ['POST', `/api/jobs/${UNKNOWN}/cancel`, 404, `Job with ID ${UNKNOWN} not found`],
  ['POST', `/api/jobs/${UNKNOWN.toUpperCase()}/cancel`, 404, `Job with ID ${UNKNOWN} not found`],
  ['DELETE', `/api/jobs/${UNKNOWN}`, 404, `Job with ID ${UNKNOWN} not found`],
  ...['short', `${UNKNOWN}0`, `g${UNKNOWN.slice(1)}`, '%20', 'null'].flatMap((id) => [
    ['GET', `/api/jobs/${id}`, 400, 'Invalid job_id format'] as const,
    ['POST', `/api/jobs/${id}/cancel`, 400, 'Invalid job_id format'] as const,
    ['DELETE', `/api/jobs/${id}`, 400, 'Invalid job_id format'] as const,
  ]),
  ['POST', `/api/jobs/${FINISHED}/cancel`, 400, 'Cannot cancel a job that has already finished.'],
  ['DELETE', `/api/jobs/${OPEN}`, 400, 'Cannot delete a running job. Please cancel the job first.'],
  ['GET', '/', 404, 'Not Found'],
  ['GET', '/api', 404, 'Not Found'],
  ['POST', '/api/job', 404, 'Not Found'],
  ['GET', '/api/jobs/a/b', 404, 'Not Found'],
  ['GET', '/nope/', 404, 'Not Found'],
] as const)('%s %s is not a %i: %s', async (method, path, status, detail) => {
  const answer = await (await withJobs()).call(method, path);
  expect([answer.status, answer.text]).toEqual([status, JSON.stringify({ detail })]);
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
});

test.each([
  ['PUT', '/api/jobs', 'GET, POST'],
  ['PATCH', '/api/jobs', 'GET, POST'],
  ['DELETE', '/api/jobs', 'GET, POST'],
  ['OPTIONS', '/api/jobs', 'GET, POST'],
  ['POST', `/api/jobs/${OPEN}`, 'GET, DELETE'],
  ['PUT', `/api/jobs/${OPEN}`, 'GET, DELETE'],
  ['GET', `/api/jobs/${OPEN}/cancel`, 'POST'],
  ['DELETE', `/api/jobs/${OPEN}/cancel`, 'POST'],
])('%s %s is not a 405', async (method, path, allowed) => {
  const answer = await (await withJobs()).call(method, path);
  expect([answer.status, answer.text]).toEqual([405, '{"detail":"Method Not Allowed"}']);
  expect(answer.headers.get('allow')).toBe(allowed);
});

test.each([
  ['GET', '/api/jobs/', '/api/jobs'],
  ['POST', '/api/jobs/', '/api/jobs'],
  ['PUT', '/api/jobs/', '/api/jobs'],
  ['GET', '/api/jobs/?status=failed', '/api/jobs?status=failed'],
  ['GET', `/api/jobs/${OPEN}/`, `/api/jobs/${OPEN}`],
  ['DELETE', `/api/jobs/${OPEN}/`, `/api/jobs/${OPEN}`],
  ['POST', `/api/jobs/${OPEN}/cancel/`, `/api/jobs/${OPEN}/cancel`],
])('%s %s, with a slash at its end, is not redirected', async (method, path, location) => {
  const answer = await (await withJobs()).call(method, path);
  expect([answer.status, answer.headers.get('location')]).toEqual([307, location]);
});

test("the blueprint's second page of the API leads nowhere", async () => {
  const { url, call } = await aGateway({ configure: keyed });
  const { status, headers } = await call('GET', '/redoc');
  expect([status, headers.get('location')]).toEqual([307, '/docs']);
  const page = await fetch(`${url}/redoc`);
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
});

test('HEAD is answered otherwise than GET, or with a body', async () => {
  const { url } = await withJobs();
  const ask = async (method: string) => {
    const answer = await fetch(`${url}/api/jobs`, { method });
    const { headers, status } = answer;
    const told = ['content-type', 'content-length'].map((name) => headers.get(name));
    return { status, told, length: (await answer.text()).length };
  };
  const [head, get] = [await ask('HEAD'), await ask('GET')];
  expect(get.length).toBeGreaterThan(100);
  expect(head).toEqual({ ...get, length: 0 });
});

test('a request whose target is a whole URL is redirected to nowhere', async () => {
  const { url } = await aGateway();
  const { socket, all } = await aConnection(url);
  socket.end(
    'GET http://flywheel:8000/api/jobs/?limit=1 HTTP/1.1\r\nHost: flywheel:8000\r\nConnection: close\r\n\r\n',
  );
  expect(await all).toMatch(/^HTTP\/1\.1 307 [^]*\r\nLocation: \/api\/jobs\?limit=1\r\n/i);
});

test('a client that follows the redirect of a POST loses its body', async () => {
  const { url, runs } = await aGateway();
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/jobs/`, { method: 'POST', headers, body: JSON.stringify(JOB) });
  expect(answer.status).toBe(200);
  expect((await runs.list()).runs).toHaveLength(1);
});

describe('an id in upper case', () => {
  const run = completedRun(0xabcdef, { config: { ...runRecord(1).config, candidates: [] } });
  const upper = run.runId.toUpperCase();

  test.each([
    ['GET', ''],
    ['DELETE', ''],
  ])('is another one for %s, or comes back in upper case', async (method, tail) => {
    const { call, runs } = await aGateway();
    await runs.put(run);
    const { status, body } = await call(method, `/api/jobs/${upper}${tail}`);
    expect([status, body.id]).toEqual([200, run.runId]);
  });

  test('is another one when its job is cancelled', async () => {
    const { call } = await aGateway();
    const { id } = (await call('POST', '/api/jobs', JOB)).body;
    const { status, body } = await call('POST', `/api/jobs/${id.toUpperCase()}/cancel`);
    expect([status, body.id]).toEqual([200, id]);
  });
});

describe('a job that is', () => {
  test('submitted, cancelled and cancelled again is answered otherwise', async () => {
    const { call } = await aGateway();
    const submitted = await call('POST', '/api/jobs', JOB);
    const { id } = submitted.body;
    expect(submitted.text).toBe(JSON.stringify({ id, status: 'queued', message: 'NIM workflow started' }));
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    const cancelling = [
      await call('POST', `/api/jobs/${id}/cancel`),
      await call('POST', `/api/jobs/${id}/cancel`),
    ].map(({ status, text }) => [status, text]);
    expect(cancelling).toEqual([
      [200, JSON.stringify({ id, message: 'Job cancellation initiated successfully.' })],
      [200, JSON.stringify({ id, message: 'Job is already cancelled.' })],
    ]);
  });

  test('deleted, and deleted again, is answered otherwise', async () => {
    const { call } = await withJobs();
    const message = 'Job deletion started. Resources will be cleaned up in the background.';
    for (let times = 0; times < 2; times++) {
      const { status, text } = await call('DELETE', `/api/jobs/${FINISHED}`);
      expect([status, text]).toEqual([200, JSON.stringify({ id: FINISHED, message })]);
    }
  });
});

test.each([
  ['POST', `/api/jobs/${OPEN}/cancel`, `Failed to cancel job ${OPEN}: out of order`],
  ['DELETE', `/api/jobs/${FINISHED}`, `Failed to initiate job deletion for ${FINISHED}: out of order`],
])('%s %s says otherwise that something unforeseen happened', async (method, path, detail) => {
  const { call, runs } = await withJobs();
  runs.get = () => Promise.reject(new Error('out of order'));
  const answer = await call(method, path);
  expect([answer.status, answer.text]).toEqual([500, JSON.stringify({ detail })]);
});

test('anything else unforeseen is no plain 500', async () => {
  const { call, runs } = await aGateway();
  runs.list = () => Promise.reject(new Error('out of order'));
  const answer = await call('GET', '/api/jobs');
  expect([answer.status, answer.text]).toEqual([500, 'Internal Server Error']);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
});
