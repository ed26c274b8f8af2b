import type { CanonicalRecord, Message } from './canonical-record.js';
import { textOf } from './compared-text.js';
import { isSystem } from './roles.js';

const WORDS_OF_A_SHINGLE = 3;
/** Of longer questions the end counts; bounds a set to 16 KB. */
const MOST_WORDS = 4_000;
/** Languages that write no spaces are compared by letters. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}]+/gu;

/**
 * The question of a record as the set of its runs of three words: sorted 32-bit hashes. System messages and tools, which
 * all records of a workload share, are left out; a question of fewer words is one run.
 */
export function shinglesOf({ messages }: CanonicalRecord): Uint32Array {
  const text = messages
    .filter((message) => !isSystem(message))
    .map(wordsOfMessage)
    .join(' ');
  const words = (text.toLowerCase().match(WORD) ?? []).slice(-MOST_WORDS);
  if (words.length === 0) return new Uint32Array();
  const runs = Math.max(1, words.length - WORDS_OF_A_SHINGLE + 1);
  const hashes = new Set<number>();
  for (let at = 0; at < runs; at++) hashes.add(fnv1a(words.slice(at, at + WORDS_OF_A_SHINGLE).join(' ')));
  return Uint32Array.from(hashes).sort();
}

const wordsOfMessage = (message: Message): string => {
  const calls = message.toolCalls.map((call) => `${call.name} ${JSON.stringify(call.arguments)}`);
  return [textOf(message), ...calls].join(' ');
};

/** FNV-1a over UTF-16 units (Fowler, Noll, Vo), then murmur3's finalizer, since FNV's low bits mix badly. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mixed(hash);
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): a permutation of the 32-bit numbers. */
export function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const ROUNDING = 1e-9;

/** Whether the Jaccard similarity of two sets (sorted, without repetition) is at least `least`. */
export function areSimilar(a: Uint32Array, b: Uint32Array, least: number): boolean {
  const [small, large] = a.length <= b.length ? [a, b] : [b, a];
  const [few, many] = [small.length, large.length];
  if (few < least * many) return false;
  // shared / (|a| + |b| - shared) >= least
  const needed = (least * (few + many)) / (1 + least) - ROUNDING;
  let shared = 0;
  for (let i = 0, j = 0; i < few && j < many;) {
    if (shared + few - i < needed) return false;
    const [x, y] = [small[i] ?? 0, large[j] ?? 0];
    if (x === y) shared++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return shared > 0 && shared >= needed;
}
