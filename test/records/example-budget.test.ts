import fc from 'fast-check';
import { countTokens as count } from 'gpt-tokenizer/encoding/cl100k_base';
import { expect, test } from 'vitest';
import {
  exampleBudget,
  fittingExamples,
  renderExample,
  tokensOfExample,
  toInContextRow,
} from '../../src/records/in-context.js';
import { recordReader } from '../../src/records/read-record.js';
import { toEvaluationRow, type WireMessage } from '../../src/records/rows.js';
import { OPTIONS, validRecord } from '../support/log-records.js';

const ORIGIN = { workloadId: 'w', clientId: 'c' };

const readLoosely = recordReader({ ...OPTIONS, parseFunctionArguments: false });
const records = validRecord.map((raw) => {
  const read = readLoosely(raw);
  if ('rejected' in read) throw new Error(read.rejected);
  return read.record;
});
const tokens = (text: string) => count(text, { disallowedSpecial: new Set() });

/** What the model reads before the row's own messages: here these have no system message. */
const added = (messages: WireMessage[], own: WireMessage[]): string =>
  messages.length === own.length ? '' : String(messages[0]?.content);

test('examples take more tokens than the context has room for', async () => {
  let filled = 0;
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.array(records, { maxLength: 6 }),
      fc.integer({ min: 0, max: 600 }),
      fc.integer({ min: 0, max: 100 }),
      async (record, others, maxContextLength, reservedTokens) => {
        const row = toEvaluationRow('id', record, ORIGIN);
        const rendered = others.map(renderExample).map((text) => ({ text, tokens: tokensOfExample(text) }));
        const budget = exampleBudget(row, { maxContextLength, reservedTokens });
        const examples = await fittingExamples(rendered, 3, budget);
        const { request } = toInContextRow(row, examples);
        const text = added(request.messages, row.request.messages);
        if (examples.length === 0) {
          expect(request).toEqual(row.request);
          return;
        }
        filled++;
        const own = tokens(JSON.stringify(row.request));
        expect(own + tokens(text)).toBeLessThanOrEqual(maxContextLength - reservedTokens);
      },
    ),
  );
  expect(filled).toBeGreaterThan(10);
});
