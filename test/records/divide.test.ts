import { expect, test } from 'vitest';
import { groupByConversation } from '../../src/records/conversations.js';
import { Digests } from '../../src/records/digests.js';
import { aPlace } from '../support/log-records.js';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** More than one call can have arguments. */
const MANY = 140_000;

test.each([
  ['share the second step of one conversation', [1], false],
  ['are one request of system messages alone', [], true],
])('many dropped duplicates that %s end the division of what begins alike', (_what, longer, isBare) => {
  const digests = new Digests();
  const add = (record: { longer: number[]; isBare: boolean }) => {
    const n = digests.length;
    digests.add(
      {
        id: hex(n, 32),
        answer: hex(1, 16),
        timestampMs: n,
        label: 'no_tool',
        hasTools: false,
        conversation: hex(7, 16),
        isSession: false,
        beginning: hex(7, 16),
        isBare: record.isBare,
        longer: record.longer.map((key) => hex(key, 8)),
        system: hex(0, 8),
        untrained: null,
      },
      aPlace(n),
      n,
    );
    return n;
  };
  for (let n = 0; n < MANY; n++) add({ longer, isBare });
  // Keys are added up: so no two sums are equal, as those of hashes are not.
  const goingOn = Array.from({ length: 1_000 }, (_, n) =>
    add({ longer: [1 + (n % 2), 1_000 + 10 * n], isBare: false }),
  );
  const { groups, warnings } = groupByConversation(digests, Uint32Array.from(goingOn));
  expect(groups.count).toBe(1_000);
  expect(warnings).toEqual([
    'One conversation holds 100 % of the records (1000): taken for 1000 that begin alike, told apart by their next ' +
      'messages from outside. Log a session_id to be sure',
  ]);
});
