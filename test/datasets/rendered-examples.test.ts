import { expect, test } from 'vitest';
import { RenderedExamples } from '../../src/datasets/rendered-examples.js';
import { aRecord, readRecord, said } from '../support/log-records.js';

/** Reads rows that ask for their number; counts. */
function aReader() {
  const read: number[] = [];
  const of = (row: number) => {
    read.push(row);
    const result = readRecord(aRecord({ request: { messages: [said('user', `question ${row}`)] } }));
    return 'record' in result ? Promise.resolve(result.record) : Promise.reject(new Error(result.rejected));
  };
  return { of, read };
}

test('memory grows with the rows that are shown, or the ones in use are forgotten', async () => {
  const { of, read } = aReader();
  const { text } = await new RenderedExamples(of).of(10);
  const rendered = new RenderedExamples(of, 3 * text.length);
  read.length = 0;
  for (let row = 10; row < 100; row++) {
    // One is used again and again.
    const [first, example] = [await rendered.of(10), await rendered.of(row)];
    expect([first.text, example.text]).toEqual([text, text.replace('10', String(row))]);
    expect(rendered.characters).toBeLessThanOrEqual(3 * text.length);
  }
  expect(read).toEqual(Array.from({ length: 90 }, (_, i) => 10 + i));
});

test('an example that is larger than what may be kept is not rendered', async () => {
  const { of, read } = aReader();
  const rendered = new RenderedExamples(of, 1);
  expect((await rendered.of(7)).text).toBe((await rendered.of(7)).text);
  expect([rendered.characters, read]).toEqual([0, [7, 7]]);
});
