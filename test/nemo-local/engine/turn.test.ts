import { expect, test } from 'vitest';
import { readTurns } from '../../../src/nemo-local/engine/turn.js';

test.each(['constructor', '__proto__', 'toString'])('the role %s of a message is no text', (role) => {
  expect(readTurns([{ role, content: 'hi' }])).toMatchObject([{ role: 'user', text: 'hi' }]);
});
