import fc from 'fast-check';
import { expect, test } from 'vitest';
import { remember } from '../../../src/nemo-local/engine/remember.js';

const LIMIT = 5;

test('one of the last results is computed again, one of long ago is kept, or a result is that of another text', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }).map(String), { maxLength: 100 }), (texts) => {
      const computed: string[] = [];
      const results = remember(LIMIT, (text) => (computed.push(text), { text }));
      for (const [at, text] of texts.entries()) {
        const before = computed.length;
        expect(results(text)).toEqual({ text });
        const since = (last: string) =>
          new Set(texts.slice(texts.slice(0, at).lastIndexOf(last) + 1, at)).size;
        const isKnown = texts.slice(0, at).includes(text);
        if (isKnown && since(text) < LIMIT) expect(computed).toHaveLength(before);
        if (!isKnown) expect(computed).toHaveLength(before + 1);
      }
    }),
  );
  const computed: string[] = [];
  const results = remember(LIMIT, (text) => computed.push(text));
  for (let i = 0; i <= 2 * LIMIT; i++) results(`${i}`);
  results('0');
  expect(computed).toHaveLength(2 * LIMIT + 2);
});
