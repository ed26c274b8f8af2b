import { describe, expect, test } from 'vitest';
import { admin } from '../support/local-jobs.js';
import { aFolder, aPlatform, get, post, send } from '../support/local-platform.js';
import { IN_TIME } from '../support/observe.js';

const arm = ({ nemoUrl }: { nemoUrl: string }, fault: object) => post(`${nemoUrl}/admin/faults`, fault);
const namespace = (id: string) => ({ id });

describe('an answer spoiled on request', () => {
  test('is a 429 that says when to come again', async () => {
    const platform = await aPlatform();
    await arm(platform, { method: 'GET', path: '/v1/models', service: 'nim', status: 429, retryAfter: 7 });
    expect((await get(`${platform.nemoUrl}/v1/models`)).status).toBe(200);
    const refused = await get(`${platform.nimUrl}/v1/models`);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('7');
    expect((await get(`${platform.nimUrl}/v1/models`)).status).toBe(200);
  });

  test('is a 502 with a page of HTML', async () => {
    const platform = await aPlatform();
    await arm(platform, { pathPrefix: '/v1/datastore', status: 502, html: true });
    const refused = await fetch(`${platform.dataStoreUrl}/v1/datastore/namespaces`);
    expect(refused.status).toBe(502);
    expect(refused.headers.get('content-type')).toContain('text/html');
    expect(await refused.text()).toContain('<html>');
  });

  test('fits a whole path with any part in it, and no other', async () => {
    const platform = await aPlatform();
    await arm(platform, { path: '/v1/customization/jobs/*/status', status: 500 });
    const jobs = `${platform.nemoUrl}/v1/customization/jobs`;
    expect((await get(jobs)).status).toBe(200);
    expect((await get(`${jobs}/cust-1`)).status).toBe(404);
    expect((await get(`${jobs}/cust-1/status`)).status).toBe(500);
    expect((await get(`${jobs}/cust-1/status`)).status).toBe(404);
  });

  test.each([
    ['before', 404],
    ['after', 200],
  ])('by a status %s acting leaves behind what it says', async (phase, status) => {
    const platform = await aPlatform();
    const url = `${platform.nemoUrl}/v1/namespaces`;
    await arm(platform, { method: 'POST', path: '/v1/namespaces', status: 500, phase });
    expect(await post(url, namespace('n'))).toMatchObject({
      status: 500,
      body: { detail: 'fault injected on request for /v1/namespaces' },
    });
    expect((await get(`${url}/n`)).status).toBe(status);
  });

  test.each([
    ['before', 404],
    ['after', 200],
  ])('by a cut connection %s acting leaves behind what it says', async (phase, status) => {
    const platform = await aPlatform();
    const url = `${platform.nemoUrl}/v1/namespaces`;
    await arm(platform, { method: 'POST', pathPrefix: '/v1/namespaces', kind: 'cut', phase });
    await expect(post(url, namespace('n'))).rejects.toThrow();
    expect((await get(`${url}/n`)).status).toBe(status);
  });

  test('after half of it has come shows a client that it was not whole', async () => {
    const platform = await aPlatform();
    await arm(platform, { pathPrefix: '/v1/models', kind: 'cut', phase: 'after' });
    const cut = await fetch(`${platform.nemoUrl}/v1/models`);
    expect(cut.status).toBe(200);
    await expect(cut.text()).rejects.toThrow();
  });

  test.each(['before', 'after'])(
    'by a delay %s acting still comes whole, and holds up nobody else',
    async (phase) => {
      const platform = await aPlatform();
      await arm(platform, { pathPrefix: '/v1/models', kind: 'slow', delayMs: 4_000, phase });
      const order: string[] = [];
      const slow = get(`${platform.nemoUrl}/v1/models`).then((answer) => {
        order.push('slow');
        return answer;
      });
      await expect
        .poll(async () => JSON.stringify(await admin(platform, 'faults')), IN_TIME)
        .toContain('"left":0');
      await get(`${platform.nemoUrl}/v1/models`);
      order.push('quick');
      expect(await slow).toMatchObject({ status: 200, body: { object: 'list' } });
      expect(order).toEqual(['quick', 'slow']);
    },
  );
});

describe('the list of faults', () => {
  test('shows what is left and what has struck, also after a restart', async () => {
    const dataDir = await aFolder();
    const first = await aPlatform({ dataDir });
    await arm(first, { pathPrefix: '/v1/models', status: 503, count: 3 });
    await arm(first, { on: 'deployment', kind: 'fail', match: 'x' });
    await get(`${first.nemoUrl}/v1/models`);
    await first.close();
    const second = await aPlatform({ dataDir });
    expect(await admin(second, 'faults')).toMatchObject({
      armed: [
        {
          askedBy: 'admin',
          fault: { on: 'request', status: 503, count: 3 },
          left: 2,
          struck: [{ what: 'GET /v1/models' }],
        },
        { fault: { on: 'deployment', kind: 'fail', match: 'x' }, left: 1, struck: [] },
      ],
      spent: [],
    });
    expect((await get(`${second.nemoUrl}/v1/models`)).status).toBe(503);
    await send('DELETE', `${second.nemoUrl}/admin/faults`);
    expect((await get(`${second.nemoUrl}/v1/models`)).status).toBe(200);
    expect(await admin(second, 'faults')).toMatchObject({
      armed: [],
      spent: [{ fault: { status: 503 }, left: 0, struck: [{}, {}] }],
    });
  });

  test.each([
    [{ pathPrefix: '/v1', status: 200 }, 'status'],
    [{ status: 500 }, 'path'],
    [{ path: '/a', pathPrefix: '/a', status: 500 }, 'path'],
    [{ pathPrefix: '/v1' }, 'status'],
    [{ pathPrefix: '/v1', kind: 'slow' }, 'delayMs'],
    [{ pathPrefix: '/v1', kind: 'cut', status: 500 }, 'status'],
    [{ on: 'deployment', kind: 'hang' }, 'kind'],
    [{ on: 'training', kind: 'fail' }, 'on'],
    [{ pathPrefix: 'v1', status: 500 }, 'a path begins with /'],
    [{ path: 'v1', status: 500 }, 'a path begins with /'],
    [
      { on: 'customization', kind: 'fail', steps: 3 },
      '"loc":["body","steps"],"msg":"Extra inputs are not permitted"',
    ],
    [[], 'body'],
  ])('takes up no fault that means nothing: %j', async (fault, wrong) => {
    const platform = await aPlatform();
    const refused = await arm(platform, fault);
    expect(refused.status).toBe(422);
    expect(JSON.stringify(refused.body)).toContain(wrong);
    expect(await admin(platform, 'faults')).toEqual({ armed: [], spent: [] });
  });
});
