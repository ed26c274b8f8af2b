import { expect, test } from 'vitest';
import { eventsSince } from '../../src/gateway/events/job-events.js';
import { toJobDetail } from '../../src/gateway/job-document.js';
import type { JobDetail } from '../../src/gateway/wire.js';
import { runRecord } from '../support/stores.js';
import { completedRun, triedCandidate } from './job-records.js';

const NOW = Date.parse('2025-01-02T04:00:00Z');
const [evaluation] = triedCandidate.evaluations;
const unfinished = { ...triedCandidate, status: 'running-evals' as const, finishedAt: null, verdict: null };

/** A job at the given percentage of its evaluation; it is over at 100. */
function jobAt(progress: number, now = NOW): JobDetail {
  const done = progress === 100;
  const step = { ...evaluation!, progress, status: done ? ('completed' as const) : ('running' as const) };
  const candidates = [{ ...(done ? triedCandidate : unfinished), evaluations: [step] }];
  const open = { status: 'running', stage: 'trying-candidates', finishedAt: null } as const;
  return toJobDetail(completedRun(1, { ...(done ? {} : open), candidates }), now);
}

const queued = toJobDetail(runRecord(1), NOW);
const names = (lastId: string, job: JobDetail) => eventsSince(lastId, job).map(({ name }) => name);
const lastOf = (lastId: string, job: JobDetail) => eventsSince(lastId, job).at(-1)?.id ?? lastId;

test('a new listener is not told all that there is, or told of an end that is none', () => {
  expect(names('', queued)).toEqual(['stage']);
  expect(names('', jobAt(40))).toEqual(['stage', 'candidate', 'evaluation', 'customization']);
  expect(names('', jobAt(100))).toEqual(['stage', 'candidate', 'evaluation', 'customization', 'end']);
});

test('what has not changed is told again, though time has passed', () => {
  expect(names(lastOf('', jobAt(40)), jobAt(40, NOW + 60_000))).toEqual([]);
});

test('a change is not told, or more than it', () => {
  const begun = lastOf(lastOf('', queued), jobAt(40));
  const [event, ...more] = eventsSince(begun, jobAt(41));
  expect(event).toMatchObject({
    name: 'evaluation',
    data: { model_name: 'meta/small', eval_type: 'base-eval', status: 'running', progress: 41 },
  });
  expect(event?.data).not.toHaveProperty('runtime_seconds');
  expect(more).toEqual([]);
  const finished = names(begun, jobAt(100));
  expect(finished).toEqual(['stage', 'candidate', 'evaluation', 'end']);
});

test('who was away between two events misses or repeats one', () => {
  const all = eventsSince('', jobAt(100));
  for (const [n, { id }] of all.entries())
    expect(eventsSince(id, jobAt(100)), `after event ${n}`).toEqual(all.slice(n + 1));
});

test('an experiment that is listed late moves the places of the others', () => {
  const late = jobAt(40);
  const icl = { ...late.nims[0]!.evaluations[0]!, eval_type: 'icl-eval' as const };
  late.nims[0]!.evaluations.push(icl);
  const told = eventsSince(lastOf('', jobAt(40)), late);
  expect(told).toMatchObject([{ name: 'evaluation', data: { eval_type: 'icl-eval' } }]);
});

test.each(['nonsense', '42', 'a'.repeat(9), '....x', '!'.repeat(2)])(
  'the id %s of another is not taken for none',
  (id) => {
    expect(names(id, jobAt(100))).toEqual(names('', jobAt(100)));
  },
);
