import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_QUEUE } from '../../../workflows/ledger/deliver.js';
import { AnyStage, NAMES, needs, step, turn, use, warmUp, type Step } from './any-steps.js';
import {
  expectClosedInOrder,
  expectInTurn,
  expectSound,
  expectTold,
  expectWithinCapacity,
} from './checks.js';
import { models, model, training } from './stage.js';

// Whatever is said to the pool, how often and in whatever order.

/** Takes the turns, and checks after each of them what must hold always. */
function takeAll(stage: AnyStage, turns: readonly Step[]): void {
  for (const one of turns) {
    const before = stage.take(one);
    expectWithinCapacity(before, stage);
    for (const { lease: id, state } of stage.ledger.leases)
      if (state === 'serving') stage.restarted.delete(id);
    expectSound(stage);
    expectTold(before, stage);
    expectInTurn(before, stage);
    expectClosedInOrder(before, stage);
  }
}

test('messages lift use above the capacity, leave a user without a lease, the first waiting or somebody untold, or are taken out of turn', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      warmUp,
      fc.array(turn, { maxLength: 40, size: 'max' }),
      (capacity, warm, turns) => takeAll(new AnyStage(capacity), [...warm, ...turns]),
    ),
    { numRuns: 1_000 },
  );
});

test('what holds of a few that wait does not hold of as many as may', () => {
  const fill: Step = (stage) =>
    stage.together(() => {
      for (let i = 0; i < LONGEST_QUEUE + 1; i++)
        stage.request(`many${i}`, i % 2 === 0 ? training(4) : models(model('a'), model('b', 2)));
    });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 4, maxLength: 10 }), (turns) => {
      const stage = new AnyStage(4);
      takeAll(stage, [fill, ...turns]);
      expect(stage.ledger.queue.length).toBeLessThanOrEqual(LONGEST_QUEUE);
    }),
    { numRuns: 10 },
  );
});

test('a message that comes twice changes what follows', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), use, needs, (steps, who, what) => {
      const [once, twice] = [new AnyStage(4), new AnyStage(4)];
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
      const stage = new AnyStage(5);
      for (const take of steps) take(stage);
      for (let i = 0; i < 8; i++) stage.release(`u${i}`);
      for (const what of NAMES) stage.ifLeased(what, () => stage.freed(what));
      expect(stage.ledger).toMatchObject({ uses: {}, queue: [], leases: [], head: null });
    }),
  );
});
