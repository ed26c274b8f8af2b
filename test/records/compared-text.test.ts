import fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparedText } from '../../src/records/compared-text.js';
import { aRecord, anyRecord, called, readRecord, said } from '../support/log-records.js';

function textOf(...messages: object[]): string | null {
  const read = readRecord(aRecord({ request: { messages } }));
  if ('rejected' in read) throw new Error(read.rejected);
  return comparedText(read.record);
}

const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };

test.each([
  ['an earlier question', [said('user', 'one'), said('assistant', 'x'), said('user', 'two')], 'two'],
  ['the result of a tool', [said('user', 'one'), called('look_up', {}), said('tool', 'result')], 'one'],
  ['a question without text', [said('user', 'one'), said('assistant', 'x'), said('user', ' ')], 'one'],
  ['null', [said('user', 'one'), said('user', null)], 'one'],
  ['an image', [said('user', 'one'), said('user', [image])], 'one'],
  ['more than the text of its parts', [said('user', [{ type: 'text', text: 'this' }, image])], 'this'],
  ['nothing though a tool has said something', [said('system', 's'), said('tool', 'result')], 'result'],
])('a record is compared by %s', (_what, messages, expected) => {
  expect(textOf(...messages)).toBe(expected);
});

test.each([
  ['the system message', [said('system', 'Be kind.')]],
  ["the developer's message", [said('developer', 'Be kind.')]],
  ['no text at all', [said('user', null), called('look_up', {})]],
])('a record is compared by %s', (_what, messages) => {
  expect(textOf(...messages)).toBeNull();
});

test('a text is longer than any model reads, or ends in half a character', () => {
  const text = textOf(said('user', `${'x'.repeat(32_767)}😀 and more`)) ?? '';
  expect(text).toBe(`${'x'.repeat(32_767)}\uFFFD`);
});

test('a record that can be read cannot be compared', () => {
  fc.assert(
    fc.property(anyRecord, (raw) => {
      const read = readRecord(raw);
      if ('record' in read) expect(comparedText(read.record)).not.toBe('');
    }),
  );
});
