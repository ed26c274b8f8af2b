import { textHash } from './json.js';

/** Texts whose hashes are remembered; when there are so many, all are forgotten. */
const MOST = 1_000;
/** Characters; longer texts are hashed again. */
const LONGEST = 1_000;
const DIGITS = 16;

/** Makes a hash of at most 16 digits, as `textHash` has them, for short texts that come again and again. */
export function rememberedHash(): typeof textHash {
  const known = new Map<string, string>();
  return (text, digits) => {
    if (text.length > LONGEST) return textHash(text, digits);
    const hash = known.get(text) ?? textHash(text, DIGITS);
    if (known.size === MOST) known.clear();
    known.set(text, hash);
    return hash.slice(0, digits);
  };
}
