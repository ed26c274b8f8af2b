import { expect, inject, onTestFinished, test } from 'vitest';
import { eventsSince } from '../../src/gateway/events/job-events.js';
import { CANDIDATE_STATUSES, RUN_STAGES, STEP_STATUSES } from '../../src/run-words.js';
import { connectClient } from '../../src/temporal.js';
import { startCheckedGateway } from '../support/checked-gateway.js';
import { aFreezableWay } from '../support/freezable-way.js';
import { allOf, eventsOf, type SeenEvent } from '../support/job-events.js';
import { IN_TIME } from '../support/observe.js';
import { sharedWorld } from '../support/shared-world.js';
import { startTrial, TINY } from '../support/trial-runs.js';

// Who listens to a run while workers do it.

const shared = sharedWorld();
const { gate } = shared;

/** Another gateway of the installation, whose way to Temporal may be cut. */
async function anotherGateway() {
  const way = await aFreezableWay(`http://${inject('temporal').address}`);
  const { client, close } = await connectClient(new URL(way.url).host);
  onTestFinished(close);
  const { taskQueue, config, stores } = shared.world;
  const { logs, runs } = stores;
  const services = { temporal: client, taskQueue, logs, runs, config, platform: [] };
  const gateway = await startCheckedGateway(services, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => gateway.close());
  return { way, url: gateway.url };
}

/** What of the job it tells: the job itself, a candidate, or one of its experiments. */
const placeOf = ({ event, data }: Pick<SeenEvent, 'event' | 'data'>): string =>
  JSON.stringify([event, data['model_name'], data['eval_type']]);

function byPlace(events: SeenEvent[]): Map<string, SeenEvent[]> {
  const places = new Map<string, SeenEvent[]>();
  for (const event of events) places.set(placeOf(event), [...(places.get(placeOf(event)) ?? []), event]);
  return places;
}

/** How far that is. */
const stepOf = ({ event, data: { stage, status } }: SeenEvent): number =>
  ({
    stage: RUN_STAGES.findIndex((word) => word === stage),
    candidate: CANDIDATE_STATUSES.findIndex((word) => word === status),
  })[event] ?? STEP_STATUSES.findIndex((word) => word === status);

test('who goes from one gateway to another in the middle of a run is told a step twice, an older one after a newer one, or not the last', async () => {
  const { api } = shared.world;
  const second = await anotherGateway();
  const evaluations = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const id = await startTrial(shared.world, { models: [TINY] });
  const seen: SeenEvent[] = [];
  for await (const event of await eventsOf(api, id)) {
    seen.push(event);
    if (event.event === 'evaluation') break;
  }
  expect(seen.at(-1)?.data).toMatchObject({ model_name: TINY, status: 'running' });

  // It has only the record yet, which is older than what its workflows have told.
  second.way.cut();
  const rest = await eventsOf(second, id, seen.at(-1)!.id);
  second.way.mend();
  evaluations.open();
  seen.push(...(await allOf(rest)));

  expect(seen.filter(({ event }) => event === 'end')).toEqual([seen.at(-1)]);
  expect(seen.at(-1)?.data).toMatchObject({ id, status: 'completed', stage: 'finished', error: null });
  const places = byPlace(seen.slice(0, -1));
  for (const [place, events] of places) {
    const told = events.map(({ data }) => JSON.stringify(data));
    expect(
      told.filter((data, n) => data === told[n - 1]),
      place,
    ).toEqual([]);
    const steps = events.map(stepOf);
    expect(steps, place).toEqual(steps.toSorted((a, b) => a - b));
  }
  // For a second this gateway may answer from memory: it did not hear of the end.
  await expect.poll(async () => (await api.job(id)).status, IN_TIME).toBe('completed');
  const document = eventsSince('', await api.job(id)).slice(0, -1);
  const last = document.map(({ name: event, data }) => places.get(placeOf({ event, data }))?.at(-1)?.data);
  expect(last).toEqual(document.map(({ data }) => data));

  for (const { url } of [api, second]) {
    const headers = { 'last-event-id': seen.at(-1)!.id };
    expect((await fetch(`${url}/api/jobs/${id}/events`, { headers })).status).toBe(204);
  }
});
