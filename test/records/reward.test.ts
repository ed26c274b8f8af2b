import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReward, untrainedBy } from '../../src/records/reward.js';
import { anyRecord, aRecord } from '../support/log-records.js';

test.each([
  [{ feedback: { reward: 0.5 } }, 0.5],
  [{ reward: -1 }, -1],
  [{ metadata: { reward: '0.25' } }, 0.25],
  [{ feedback: { reward: 1 }, reward: 2, metadata: { reward: 3 } }, 1],
  [{ feedback: { comment: 'fine' }, reward: 2 }, 2],
  [{ feedback: { reward: null }, reward: 0 }, 0],
  [{ feedback: 'good', reward: ' ' }, null],
  [{ reward: true }, null],
  [{ reward: 'high' }, null],
  [{ reward: [1] }, null],
  [{}, null],
])('the reward of %j is read as another', (extra, expected) => {
  expect(readReward(aRecord(extra))).toBe(expected);
});

test('a record that is good enough is not trained on, or one that is not is', () => {
  const reasons = [0.7, 0.8, null].map((reward) => untrainedBy(0.8, aRecord({ reward })));
  expect(reasons).toEqual(['low-reward', null, 'no-reward']);
  expect(untrainedBy(null, aRecord())).toBeNull();
});

test('whatever stands where a reward should breaks the reading', () => {
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, NaN, Infinity));
  fc.assert(
    fc.property(anyRecord, odd, odd, (record, feedback, reward) => {
      const read = readReward({ ...record, feedback, reward });
      expect(read === null || Number.isFinite(read)).toBe(true);
    }),
  );
});
