import { describe, expect, onTestFinished, test } from 'vitest';
import { eventsSince } from '../../../src/gateway/events/job-events.js';
import { toJobDetail } from '../../../src/gateway/job-document.js';
import { CONNECTION_LIMITS } from '../../../src/listener.js';
import { startCheckedGateway } from '../../support/checked-gateway.js';
import { allOf, eventsOf, type SeenEvent } from '../../support/job-events.js';
import { IN_TIME } from '../../support/observe.js';
import { runRecord } from '../../support/stores.js';
import { aGateway, type GatewayWorld, JOB, NOWHERE } from '../gateway-world.js';
import { completedRun } from '../job-records.js';
import { as, BANK_KEY, keyed, OPS_KEY, SHOP_KEY } from '../keyed.js';

const namesOf = (events: SeenEvent[]): string[] => events.map(({ event }) => event);

test('the events of a job that has ended do not end with its end, or are sent again to who has seen them', async () => {
  const world = await aGateway();
  await world.runs.put(completedRun(1));
  const id = completedRun(1).runId;
  const events = await allOf(await eventsOf(world, id.toUpperCase()));
  expect(namesOf(events)).toEqual(['stage', 'candidate', 'evaluation', 'customization', 'end']);
  expect(events.at(-1)?.data).toMatchObject({ id, status: 'completed', stage: 'finished', error: null });
  expect(await allOf(await eventsOf(world, id, events[1]!.id))).toEqual(events.slice(2));
  const headers = { 'last-event-id': events.at(-1)!.id };
  const again = await world.call('GET', `/api/jobs/${id}/events`, undefined, headers);
  expect([again.status, again.text]).toEqual([204, '']);
});

test.each([
  ['ab'.repeat(12), 404, 'Job not found'],
  ['short', 400, 'Invalid job_id format'],
])('the events of %s are not a %i', async (id, status, detail) => {
  const answer = await (await aGateway()).call('GET', `/api/jobs/${id}/events`);
  expect([answer.status, answer.text]).toEqual([status, JSON.stringify({ detail })]);
});

test('a key follows the job of a client that it is not good for', async () => {
  const world = await aGateway({ configure: keyed });
  await world.runs.put(completedRun(1));
  const path = `/api/jobs/${completedRun(1).runId}/events`;
  expect(await as(world, BANK_KEY)('GET', path)).toMatchObject({
    status: 404,
    body: { detail: 'Job not found' },
  });
  expect((await as(world, SHOP_KEY)('GET', path)).text).toMatch(/^retry: 2000\n\nid: .*\nevent: stage\n/);
});

describe('of a job that is open', () => {
  test('the head alone is answered when the job ends', async () => {
    const world = await aGateway();
    await world.runs.put(runRecord(1));
    const head = await world.call('HEAD', `/api/jobs/${runRecord(1).runId}/events`);
    expect([head.status, head.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
  });

  // Held by nobody: its end is written into the store.
  const endOf = async ({ runs }: GatewayWorld, id: string) => {
    const run = (await runs.get(id))!;
    await runs.put({ ...completedRun(1), runId: id, config: run.config });
  };

  test('the end is not told to all who listen, or what is changed to one who was away', async () => {
    const world = await aGateway();
    const { id } = (await world.call('POST', '/api/jobs', JOB)).body;
    onTestFinished(async () => {
      await world.temporal.workflow.getHandle(`flywheel-${id}`).terminate();
    });
    const [early, other] = [await eventsOf(world, id), await eventsOf(world, id)];
    const { value: first } = await early.next();
    expect(first).toMatchObject({ event: 'stage', data: { id, status: 'pending', stage: 'queued' } });
    expect((await other.next()).value).toEqual(first);
    await early.return(undefined);

    await endOf(world, id);
    const rest = await allOf(other);
    expect(namesOf(rest)).toEqual(['stage', 'candidate', 'evaluation', 'customization', 'end']);
    expect(await allOf(await eventsOf(world, id, first!.id))).toEqual(rest);
  });

  test('who has heard more elsewhere is told what is older by a gateway that has not asked the run, as its record is young', async () => {
    const world = await aGateway({ temporalAddress: NOWHERE });
    const queued = { ...runRecord(1), startedAt: new Date().toISOString() };
    await world.runs.put(queued);
    const further = toJobDetail({ ...queued, status: 'running', stage: 'building-datasets' }, Date.now());
    const events = await eventsOf(world, queued.runId, eventsSince('', further).at(-1)!.id);
    await endOf(world, queued.runId);
    const stages = (await allOf(events)).filter(({ event }) => event === 'stage');
    expect(stages.map(({ data }) => data['stage'])).toEqual(['finished']);
  });

  test('one caller may follow it as often as there are connections, or takes streams of another', async () => {
    const limits = { ...CONNECTION_LIMITS, streams: 2 };
    const world = await aGateway({ configure: keyed, limits });
    await world.runs.put(runRecord(1));
    const path = `/api/jobs/${runRecord(1).runId}/events`;
    // Held: fetch ends the stream of an answer that nobody holds.
    const answers: Response[] = [];
    const open = async (key: string) => {
      const leaving = new AbortController();
      onTestFinished(() => leaving.abort());
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(world.url + path, { headers, signal: leaving.signal });
      answers.push(answer);
      return { status: answer.status, leave: () => leaving.abort() };
    };
    const first = await open(SHOP_KEY);
    expect([first.status, (await open(SHOP_KEY)).status]).toEqual([200, 200]);
    const refused = await as(world, SHOP_KEY)('GET', path);
    expect(refused).toMatchObject({
      status: 429,
      body: { detail: expect.stringMatching(/^2 streams .* close one/) },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await open(OPS_KEY)).status).toBe(200);
    first.leave();
    await expect.poll(async () => (await open(SHOP_KEY)).status, IN_TIME).toBe(200);
    expect((await open(SHOP_KEY)).status).toBe(429);
  });

  test('without keys, each address may follow it as often as there are connections', async () => {
    const world = await aGateway({ limits: { ...CONNECTION_LIMITS, streams: 1 } });
    await world.runs.put(runRecord(1));
    const events = await eventsOf(world, runRecord(1).runId);
    await events.next();
    const refused = await world.call('GET', `/api/jobs/${runRecord(1).runId}/events`);
    expect(refused.status).toBe(429);
    await events.return(undefined);
  });

  test('a listener keeps the gateway from stopping', async () => {
    const { temporal, taskQueue, logs, runs, config, platform } = await aGateway();
    const services = { temporal, taskQueue, logs, runs, config, platform };
    const gateway = await startCheckedGateway(services, { host: '127.0.0.1', port: 0 });
    await runs.put(runRecord(1));
    const events = await eventsOf(gateway, runRecord(1).runId);
    expect((await events.next()).value).toMatchObject({ event: 'stage' });
    await gateway.close();
    expect(await allOf(events)).toEqual([]);
  });
});
