import fc from 'fast-check';
import { expect, test } from 'vitest';
import { servedModelWorkflowId } from '../../../src/gpu-pool.js';
import { enterCensus, type Census } from '../../../workflows/ledger/census.js';
import { closeIdle } from '../../../workflows/ledger/leasing.js';
import { callRoll, mendLeases, reclaim } from '../../../workflows/ledger/pass.js';
import { costOf } from '../../../workflows/ledger/settle.js';
import {
  capacityOf,
  gpusInUse,
  isGranted,
  leaseOf,
  modelsOf,
  newLedger,
  sizeOf,
  trainingOf,
  type Lease,
  type Ledger,
  type Use,
} from '../../../workflows/ledger/state.js';
import { model, models, SETTINGS, Stage, training, useOf } from './stage.js';

// Whatever is said to the pool, how often and in whatever order.

const NAMES = ['a', 'b', 'c'] as const;
const name = fc.constantFrom(...NAMES);
const lease = fc.integer({ min: 1, max: 12 }).map((n) => `lease${n}`);
const use = fc.integer({ min: 0, max: 7 }).map((n) => `u${n}`);
const need = fc.record({ name, tag: fc.constantFrom('1', '2') });
const needs = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map(training),
  fc
    .uniqueArray(need, { minLength: 1, maxLength: 3, selector: (one) => one.name })
    .map((all) => models(...all.map((one) => model(one.name, 1 + NAMES.indexOf(one.name), one.tag)))),
);

type Step = (stage: Stage) => void;
const said: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(use, needs).map(
      ([who, what]) =>
        (stage: Stage) =>
          stage.request(who, what),
    ),
  },
  { weight: 6, arbitrary: use.map((who) => (stage: Stage) => stage.release(who)) },
  {
    weight: 6,
    arbitrary: fc.tuple(name, fc.boolean()).map(
      ([what, isForeign]) =>
        (stage: Stage) =>
          ifLeased(stage, what, () => sayUp(stage, stage.lease(what).lease, isForeign)),
    ),
  },
  {
    weight: 4,
    arbitrary: name.map(
      (what) => (stage: Stage) => ifLeased(stage, what, () => stage.freed(what, 'it failed')),
    ),
  },
  // Of a lease that may be over by now, or another's.
  {
    weight: 2,
    arbitrary: fc.tuple(lease, fc.boolean()).map(
      ([id, isForeign]) =>
        (stage: Stage) =>
          sayUp(stage, id, isForeign),
    ),
  },
  {
    weight: 2,
    arbitrary: lease.map(
      (id) => (stage: Stage) => stage.receive({ kind: 'freed', lease: id, reason: 'it is an old one' }),
    ),
  },
  {
    weight: 2,
    arbitrary: name.map((what) => (stage: Stage) => stage.receive({ kind: 'orphan', need: model(what) })),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(1, 1_000_000).map((ms) => (stage: Stage) => void (stage.now += ms)),
  },
);

/** The pool grows or shrinks; what an older worker says counts no more. */
const configured: fc.Arbitrary<Step> = fc
  .record({ totalGpus: fc.integer({ min: 1, max: 6 }), at: fc.integer({ min: 0, max: 9 }) })
  .map(
    ({ totalGpus, at }) =>
      (stage: Stage) =>
        stage.receive({ kind: 'configure', settings: { ...SETTINGS, totalGpus }, at }),
  );

const step = fc.oneof({ weight: 9, arbitrary: said }, { weight: 1, arbitrary: configured });

function sayUp(stage: Stage, id: string, isForeign: boolean): void {
  // Else nobody hears of it.
  const isStarting = stage.ledger.leases.some((one) => one.lease === id && one.state === 'starting');
  if (isForeign && isStarting) foreign.add(id);
  stage.receive({ kind: 'up', lease: id, foreign: isForeign });
}

/** What the pool does by itself: gives back what is lost, closes what is idle, looks at served models, begins anew. */
const done: fc.Arbitrary<Step> = fc.oneof(
  use.map((who) => (stage: Stage) => reclaim(stage.ledger, useOf(who), stage.context)),
  fc.constant((stage: Stage) => closeIdle(stage.ledger, SETTINGS.idleTtlMs, stage.context)),
  fc.subarray([...NAMES], { minLength: 1 }).map((gone) => (stage: Stage) => look(stage, gone)),
  fc.subarray([...NAMES]).map((unheard) => (stage: Stage) => beginAnew(stage, unheard)),
);

/** What happens in one turn of the pool: often much comes at once. */
const turn: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: step },
  {
    weight: 5,
    arbitrary: fc
      .array(step, { minLength: 2, maxLength: 5 })
      .map((steps) => (stage: Stage) => stage.together(() => steps.forEach((take) => take(stage)))),
  },
  { weight: 2, arbitrary: done },
);

/** Leases that somebody may have called foreign: they count no GPU, all others do. */
let foreign = new Set<string>();

/** Leases whose served model ended without a word: who was told of them works on while they begin again. */
let restarted = new Set<string>();

/** The served models of some are gone, those of others open. */
function look(stage: Stage, gone: readonly string[]): void {
  stage.sent();
  const seen = stage.ledger.leases.map(({ model: leased, lease: id }) => [
    servedModelWorkflowId(leased, id),
    { state: gone.includes(leased) ? 'gone' : 'open' },
  ]);
  const before = new Set(stage.ledger.leases.map(({ lease: id }) => id));
  mendLeases(stage.ledger, callRoll(stage.ledger), Object.fromEntries(seen), stage.context);
  for (const { lease: id } of stage.ledger.leases) if (!before.has(id)) restarted.add(id);
}

/** A pool without memory asks everybody; the served models of some were never started, and their deployments left. */
function beginAnew(stage: Stage, unheard: readonly string[]): void {
  const { uses, leases, settings } = stage.ledger;
  const isTold = ({ state }: Use) => state === 'told';
  const toldOf = new Set(
    Object.keys(uses).flatMap((id) =>
      isTold(uses[id]!) ? modelsOf(stage.ledger, id).map((one) => one.model) : [],
    ),
  );
  const holders = Object.entries(uses).filter(([, known]) => known.state !== 'failed');
  const census: Census = {
    uses: holders.map(([id, known]) => ({
      use: id,
      needs: stage.ledger.needs[known.needs]!,
      state: isTold(known) ? 'holding' : 'waiting',
      askedAt: known.askedAt,
    })),
    served: leases
      .filter(({ model: leased }) => toldOf.has(leased) || !unheard.includes(leased))
      .map(({ lease: id, state, ...need }) => ({ lease: id, state, foreign: need.gpus === 0, need })),
    deployments: leases.filter(({ gpus }) => gpus > 0),
    trainings: holders.flatMap(([id, known]) => {
      const gpus = trainingOf(stage.ledger, id);
      return isTold(known) && gpus > 0 ? [{ use: id, gpus }] : [];
    }),
  };
  stage.ledger = newLedger(settings);
  enterCensus(stage.ledger, census, stage.context);
}

const ifLeased = (stage: Stage, what: string, then: () => void): void => {
  if (leaseOf(stage.ledger, what)) then();
};

/** GPUs of what is there without a grant: of orphans, and of foreign models that are to be deployed anew. */
function factsOf(before: readonly Lease[], after: readonly Lease[]): number {
  const isFact = ({ lease: id, state }: Lease) => state === 'closing' || restarted.has(id);
  const young = after.filter((one) => !before.some(({ lease: id }) => id === one.lease));
  const known = (what: string) => before.find((one) => one.model === what)?.gpus ?? 0;
  return young
    .filter(isFact)
    .reduce((sum, { model: what, gpus }) => sum + Math.max(0, gpus - known(what)), 0);
}

function expectSound(ledger: Ledger): void {
  const leased = ledger.leases.map((lease) => lease.model);
  expect(new Set(leased).size).toBe(leased.length);
  for (const { lease: id, gpus, deployment } of ledger.leases)
    if (!foreign.has(id)) expect(gpus).toBe(deployment.gpus);
  for (const waiting of ledger.queue) expect(sizeOf(ledger, waiting)).toBeLessThanOrEqual(capacityOf(ledger));
  for (const [id, known] of Object.entries(ledger.uses)) {
    expect(ledger.queue.includes(id)).toBe(!isGranted(known));
    if (known.state !== 'held' && known.state !== 'told') continue;
    for (const { model: needed, spec } of modelsOf(ledger, id)) {
      const lease = leaseOf(ledger, needed);
      expect(lease?.spec).toBe(spec);
      if (known.state === 'told' && !restarted.has(lease?.lease ?? '')) expect(lease?.state).toBe('serving');
      expect(lease?.state).not.toBe('closing');
    }
  }
  const [head] = ledger.queue;
  if (head === undefined) return;
  const cost = costOf(ledger, head);
  if (cost !== null) expect(gpusInUse(ledger) + cost).toBeGreaterThan(capacityOf(ledger));
}

test('messages can lift use above the capacity, leave a user without a lease, or the first in the queue waiting', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(turn, { maxLength: 40, size: 'max' }),
      (capacity, turns) => {
        const stage = new Stage(capacity);
        [restarted, foreign] = [new Set(), new Set()];
        for (const take of turns) {
          const [before, leases] = [gpusInUse(stage.ledger), structuredClone(stage.ledger.leases)];
          take(stage);
          // Facts may go beyond the capacity; no grant lifts what is in use above it.
          const facts = factsOf(leases, stage.ledger.leases);
          expect(gpusInUse(stage.ledger)).toBeLessThanOrEqual(
            Math.max(capacityOf(stage.ledger), before + facts),
          );
          for (const { lease: id, state } of stage.ledger.leases)
            if (state === 'serving') restarted.delete(id);
          expectSound(stage.ledger);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a message that comes twice changes what follows', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), use, needs, (steps, who, what) => {
      const [once, twice] = [new Stage(4), new Stage(4)];
      for (const stage of [once, twice]) for (const take of steps) take(stage);
      once.request(who, what);
      twice.request(who, what);
      twice.request(who, what);
      expect({ ...twice.ledger, outbox: [], letters: 0 }).toEqual({ ...once.ledger, outbox: [], letters: 0 });
      once.release(who);
      twice.release(who);
      twice.release(who);
      expect({ ...twice.ledger, outbox: [], letters: 0 }).toEqual({ ...once.ledger, outbox: [], letters: 0 });
    }),
  );
});

test('when everybody has let go and every model is gone, something is left in the ledger', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const stage = new Stage(5);
      for (const take of steps) take(stage);
      for (let i = 0; i < 8; i++) stage.release(`u${i}`);
      for (const what of NAMES) ifLeased(stage, what, () => stage.freed(what));
      expect(stage.ledger).toMatchObject({ uses: {}, queue: [], leases: [], head: null });
    }),
  );
});
