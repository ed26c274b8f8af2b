import { expect, test } from 'vitest';
import { messageKey } from '../../src/records/message-key.js';
import type { Message } from '../../src/records/canonical-record.js';

const keyOf = (change: Partial<Message>): string =>
  messageKey({ role: 'user', content: 'Hello', toolCalls: [], toolCallId: null, name: null, ...change });

const text = (said: string) => ({ type: 'text', text: said });
const IMAGE = { type: 'image_url', image_url: { url: 'https://example.test/a.png' } };

test.each([
  { content: 'Hello\n' },
  { content: ' Hello' },
  { content: [text('Hello '), text('\n')] },
  { content: [text(' '), text('Hello')] },
  { name: 'ada' },
])('%j says something else than the same message without it', (change) => {
  expect(keyOf(change)).toBe(keyOf({}));
});

test.each([[''], [' \n'], [[]], [[text(' ')]], [null]])('content %j is told from nothing', (content) => {
  expect(keyOf({ content })).toBe(keyOf({ content: null }));
});

test('parts of text beside another part count with the space around them', () => {
  const key = keyOf({ content: [text('Look:'), IMAGE] });
  expect(keyOf({ content: [text('Look:\n'), IMAGE, text(' ')] })).toBe(key);
  expect(keyOf({ content: [IMAGE, text('Look:')] })).not.toBe(key);
});

test('space within a text does not count', () => {
  expect(keyOf({ content: 'Hello there' })).not.toBe(keyOf({ content: 'Hellothere' }));
});
