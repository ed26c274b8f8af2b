import type { Capacity } from './capacity.js';
import { hash, mix } from './hash.js';
import type { Readiness } from './readiness.js';
import { remember } from './remember.js';
import type { Turn } from './turn.js';
import { wordsOf } from './words.js';

/** A sparse vector: hashed features and their weights. */
export interface SparseVector {
  index: Uint32Array;
  value: Float32Array;
}

/** Describes where a conversation stands, as the model of this capacity sees it: words by role and nearness, and its shape. */
export function stateFeatures(
  turns: readonly Turn[],
  capacity: Capacity,
  ready: ReadonlyMap<string, Readiness> = new Map(),
): SparseVector {
  const weights = new Map<number, number>();
  const add = (feature: number, weight: number): void => {
    const bucket = feature % capacity.buckets;
    weights.set(bucket, (weights.get(bucket) ?? 0) + weight);
  };
  const spoken = turns.filter(({ role }) => role !== 'system');
  spoken.slice(-capacity.contextMessages).forEach((turn, i, seen) => {
    addWords(turn, seen.length - 1 - i, capacity, add);
  });
  for (const [feature, weight] of shapeOf(spoken)) add(hash(feature), weight);
  for (const [name, readiness] of ready) add(hash(`${name} ${readiness}`), 0.4);
  return { index: Uint32Array.from(weights.keys()), value: Float32Array.from(weights.values()) };
}

/** Cosine of the angle between two vectors; 0 for an empty one. */
export function cosine(a: SparseVector, b: SparseVector): number {
  const weights = new Map<number, number>();
  a.index.forEach((feature, i) => weights.set(feature, a.value[i] ?? 0));
  let dot = 0;
  b.index.forEach((feature, i) => (dot += (weights.get(feature) ?? 0) * (b.value[i] ?? 0)));
  const norms = Math.hypot(...a.value) * Math.hypot(...b.value);
  return norms === 0 ? 0 : dot / norms;
}

const wordHashes = remember(4096, (text: string) => [...new Set(wordsOf(text))].map(hash));
/** How fast a message loses weight with each later one. */
const AGEING = 2;
/** Messages whose exact place matters. */
const LAST_MESSAGES = 3;

/** A word counts once by role alone and, in the last messages, once more by its exact place. */
function addWords(turn: Turn, age: number, capacity: Capacity, add: (f: number, w: number) => void): void {
  const role = hash(turn.role);
  const words = wordHashes(turn.text).slice(0, capacity.wordsPerMessage);
  const weight = 1 / Math.sqrt(4 + words.length);
  for (const word of words) {
    add(mix(word, role), weight / (1 + AGEING * age));
    if (age < LAST_MESSAGES) add(mix(mix(word, role), age), weight);
  }
}

function shapeOf(turns: readonly Turn[]): [feature: string, weight: number][] {
  const called = turns.flatMap(({ calls }) => calls.map(({ name }) => name));
  const last = turns.at(-1);
  const sinceUser = turns.length - 1 - turns.findLastIndex(({ role }) => role === 'user');
  const error = last?.role === 'tool' && /error|not found|fail|invalid/i.test(last.text.slice(0, 200));
  return [
    ['always', 0.3],
    [`last role ${last?.role ?? 'none'}`, 0.7],
    [`last tool ${last?.tool ?? 'none'} ${error ? 'failed' : 'worked'}`, 0.8],
    [`called last ${called.at(-1) ?? 'none'}`, 0.5],
    [`called before ${called.at(-1) ?? 'none'} ${called.at(-2) ?? 'none'}`, 0.5],
    [`messages since user ${Math.min(sinceUser, 6)}`, 0.4],
    [`first messages ${Math.min(turns.length, 6)}`, 0.4],
    ...[...new Set(called)].map((name): [string, number] => [`has called ${name}`, 0.3]),
  ];
}
