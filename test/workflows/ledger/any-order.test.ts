import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isGranted,
  capacityOf,
  gpusInUse,
  leaseOf,
  modelsOf,
  type Ledger,
} from '../../../workflows/ledger/state.js';
import { costOf } from '../../../workflows/ledger/settle.js';
import { model, models, Stage, training } from './stage.js';

// Whatever is said to the pool, how often and in whatever order.

const NAMES = ['a', 'b', 'c'] as const;
const name = fc.constantFrom(...NAMES);
const use = fc.integer({ min: 0, max: 7 }).map((n) => `u${n}`);
const need = fc.record({ name, tag: fc.constantFrom('1', '2') });
const needs = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map(training),
  fc
    .uniqueArray(need, { minLength: 1, maxLength: 3, selector: (one) => one.name })
    .map((all) => models(...all.map((one) => model(one.name, 1 + NAMES.indexOf(one.name), one.tag)))),
);

type Step = (stage: Stage) => void;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(use, needs).map(
      ([who, what]) =>
        (stage: Stage) =>
          stage.request(who, what),
    ),
  },
  { weight: 3, arbitrary: use.map((who) => (stage: Stage) => stage.release(who)) },
  { weight: 3, arbitrary: name.map((what) => (stage: Stage) => ifLeased(stage, what, () => stage.up(what))) },
  {
    weight: 2,
    arbitrary: name.map(
      (what) => (stage: Stage) => ifLeased(stage, what, () => stage.freed(what, 'it failed')),
    ),
  },
  {
    weight: 1,
    arbitrary: name.map((what) => (stage: Stage) => stage.receive({ kind: 'orphan', need: model(what) })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(1, 1_000_000).map((ms) => (stage: Stage) => void (stage.now += ms)),
  },
);

/** What comes at once, mostly alone. */
const batch = fc.oneof(
  step.map((one) => [one]),
  fc.array(step, { minLength: 2, maxLength: 5 }),
);

const ifLeased = (stage: Stage, what: string, then: () => void): void => {
  if (leaseOf(stage.ledger, what)) then();
};

function expectSound(ledger: Ledger): void {
  const leased = ledger.leases.map((lease) => lease.model);
  expect(new Set(leased).size).toBe(leased.length);
  for (const [id, known] of Object.entries(ledger.uses)) {
    expect(ledger.queue.includes(id)).toBe(!isGranted(known));
    if (known.state !== 'held' && known.state !== 'told') continue;
    for (const { model: needed, spec } of modelsOf(ledger, id)) {
      const lease = leaseOf(ledger, needed);
      expect(lease?.spec).toBe(spec);
      if (known.state === 'told') expect(lease?.state).toBe('serving');
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
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(batch, { maxLength: 40 }), (capacity, batches) => {
      const stage = new Stage(capacity);
      let before = 0;
      for (const steps of batches) {
        stage.together(() => steps.forEach((take) => take(stage)));
        const inUse = gpusInUse(stage.ledger);
        const orphans = stage.ledger.leases.filter((lease) => lease.state === 'closing');
        // An orphan is a fact, also beyond the capacity; no grant lifts what is in use above it.
        if (orphans.length === 0) expect(inUse).toBeLessThanOrEqual(Math.max(capacity, before));
        before = inUse;
        expectSound(stage.ledger);
      }
    }),
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
