import { expect, test } from 'vitest';
import { REJECTIONS } from '../../src/records/canonical-record.js';
import { accountedFor, build } from './built.js';
import { aRecord, said } from '../support/log-records.js';
import { malformedTexts } from './malformed-texts.js';

const COUNT = 100_000;

/** The newest records: whatever is malformed around them, they can be divided. */
const conversations = Array.from({ length: 40 }, (_, n) =>
  JSON.stringify(
    aRecord({
      timestamp: 1_800_000_000 + n,
      session_id: `session ${n}`,
      request: { messages: [said('user', `question ${n}`)] },
    }),
  ),
);

/** The first seed draws records among which, alone, some can be kept apart from others. */
test.each([
  ['alone', 7, []],
  ['around whole conversations', 5, conversations],
])(
  'one of 100,000 malformed records %s ends a build, or is counted nowhere',
  async (_where, seed, whole) => {
    const texts = [...malformedTexts(COUNT, seed), 'null', '"text"', '[]', '7', ...whole];
    const { built } = await build(texts, { split: { evalSize: 20, limit: 1_000 } });
    const { funnel } = built;
    expect(funnel.read).toBe(texts.length);
    expect(accountedFor(funnel)).toBe(texts.length);
    // All that there is to find wrong was found, but for what only other settings find.
    const reasons = funnel.rejected.map(({ reason }) => reason.split(':')[0]);
    const others = ['too-many-tool-properties', 'tool-call-in-generic-workload'];
    expect([...reasons, ...others].sort()).toEqual(Object.keys(REJECTIONS).sort());
    for (const { count, examples } of funnel.rejected) expect(examples).toHaveLength(Math.min(3, count));
  },
  300_000,
);
