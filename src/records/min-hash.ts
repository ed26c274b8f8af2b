import { seededRandom } from '../seeded-random.js';
import { mixed } from './shingles.js';

const HASHES = 128;
/** Of pairs exactly as similar as they must be, at most this share meets in no band. */
const MOST_MISSED = 0.001;

/** How a signature of minimum hashes is cut; two sets meet if they agree on all `rows` of any of `bands`. */
export interface Bands {
  bands: number;
  rows: number;
}

/**
 * The longest rows with which a pair of Jaccard similarity `s` is missed with probability (1 - s^rows)^bands of at most
 * a thousandth (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, 3.4). 1 to 64 bands for `s` from 1 to 0.5.
 */
export function bandsFor(similarity: number): Bands {
  const missed = ({ bands, rows }: Bands) => (1 - similarity ** rows) ** bands;
  const cuts = Array.from({ length: HASHES }, (_, i) => ({
    bands: Math.floor(HASHES / (i + 1)),
    rows: i + 1,
  }));
  return cuts.findLast((cut) => missed(cut) <= MOST_MISSED) ?? { bands: HASHES, rows: 1 };
}

const random = seededRandom(1);
const SEEDS = Uint32Array.from({ length: HASHES }, () => random() * 2 ** 32);

/**
 * One number for each band of a set's signature, which is the minimum of the set under each of 128 permutations (Broder
 * 1997). Equal sets have equal numbers; an empty set has none to compare.
 */
export function bandKeys(set: Uint32Array, { bands, rows }: Bands): Uint32Array {
  const keys = new Uint32Array(bands);
  for (let band = 0; band < bands; band++) {
    let key = band;
    for (let row = 0; row < rows; row++) key = mixed(key ^ minimum(set, SEEDS[band * rows + row] ?? 0));
    keys[band] = key;
  }
  return keys;
}

function minimum(set: Uint32Array, seed: number): number {
  let least = 0xffffffff;
  for (const value of set) {
    const hash = mixed(value ^ seed);
    if (hash < least) least = hash;
  }
  return least;
}
