import { countTokens as count } from 'gpt-tokenizer/encoding/cl100k_base';

/** Tokens of a text in cl100k_base, with a fifth added: candidates have other vocabularies. */
export const countTokens = (text: string): number =>
  // Logged text may contain what looks like a control token.
  Math.ceil(count(text, { disallowedSpecial: new Set() }) * 1.2);
