import { expect, test } from 'vitest';
import { masked, secretTexts } from '../src/masked.js';

test('a key of two that share a beginning is shown in part, or a word that is hardly a key is taken out of messages', () => {
  const secrets = secretTexts({
    judgeApiKey: 'sk-0123456',
    embeddingApiKey: 'sk-0123456-789',
    hfToken: 'none',
  });
  expect(masked('none of sk-0123456-789 and sk-0123456 is known', secrets)).toBe(
    'none of *** and *** is known',
  );
});
