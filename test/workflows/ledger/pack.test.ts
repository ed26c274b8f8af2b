import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_QUEUE } from '../../../workflows/ledger/deliver.js';
import { canBePassedOn, pack, unpacked } from '../../../workflows/ledger/pack.js';
import { model, models, Stage, training } from './stage.js';

/** From here on Temporal warns; it takes four times as much. */
const LIMIT_BYTES = 512 * 1024;

const asSent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Whatever a configuration calls a model may stand in a use: words of the ledger itself too. */
const ODD = [
  'Llama 3 8B',
  ' leading',
  'trailing ',
  'two  spaces',
  'a queued 0123abcd zz',
  'tab\tand\nline',
  'ü 模型',
];

test('a ledger is another after it has passed to the next run of the pool', () => {
  const name = fc.oneof(
    fc.integer({ min: 0, max: 9 }).map((n) => `u${n}`),
    fc.constantFrom(...ODD),
    fc.string({ minLength: 1 }).filter((text) => !text.includes('/')),
  );
  const asked = fc.tuple(
    name,
    fc.constantFrom(training(1), training(3), models(model('a')), models(model('b', 2))),
  );
  fc.assert(
    fc.property(fc.array(asked), fc.array(name), fc.boolean(), (requests, releases, isLost) => {
      const stage = new Stage(4);
      for (const [who, needs] of requests) {
        stage.now += 1;
        stage.request(who, needs);
      }
      for (const who of releases) stage.release(who);
      if (isLost && stage.ledger.leases.some((lease) => lease.model === 'a')) stage.freed('a', 'it died');
      const packed = asSent(pack(stage.ledger));
      expect(unpacked(packed)).toEqual(stage.ledger);
      expect(unpacked(asSent(stage.ledger))).toEqual(stage.ledger);
    }),
  );
});

test('so many wait that the ledger cannot be passed on', () => {
  const stage = new Stage(4);
  stage.request('holds', training(4));
  stage.together(() => {
    for (let i = 0; i < LONGEST_QUEUE; i++) {
      // As long as those of a model with a long name.
      const use = `flywheel-${'0'.repeat(24)}-meta-llama-3.1-8b-instruct/customized/${i.toString(16).padStart(8, '0')}`;
      stage.receive({
        kind: 'request',
        use,
        needs: [training(1), models(model('a'), model('b', 2))][i % 2]!,
      });
    }
  });
  expect(stage.queue).toHaveLength(LONGEST_QUEUE);
  expect(JSON.stringify(pack(stage.ledger)).length).toBeLessThan(LIMIT_BYTES);
  expect(canBePassedOn(pack(stage.ledger))).toBe(true);
});

test('a ledger is passed on that is larger than Temporal takes, as thousands are to hear that their model failed', () => {
  const stage = new Stage(null);
  stage.together(() => {
    for (let i = 0; i < 3_000; i++) stage.request(`u${i}`, models(model('judge')));
  });
  stage.up('judge');
  stage.sent();
  expect(canBePassedOn(pack(stage.ledger))).toBe(true);
  stage.freed('judge', 'x'.repeat(300));
  expect(JSON.stringify(pack(stage.ledger)).length).toBeGreaterThan(4 * LIMIT_BYTES);
  expect(canBePassedOn(pack(stage.ledger))).toBe(false);
  stage.sent();
  stage.together(() => {
    for (let i = 0; i < 3_000; i++) stage.release(`u${i}`);
  });
  expect(canBePassedOn(pack(stage.ledger))).toBe(true);
});
