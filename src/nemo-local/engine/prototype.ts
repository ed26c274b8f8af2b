import { seededRandom } from '../../seeded-random.js';
import { hash } from './hash.js';
import { wordsOf } from './words.js';

const DIMENSIONS = 256;
const ROUNDS = 6;

/** Answers grouped by their words: one representative per group, and the group of each answer. */
export interface Grouping {
  /** Index of the answer nearest to each group's mean. */
  representatives: number[];
  groupOf: number[];
}

/** Groups texts into at most `count` kinds (k-means over hashed words, seeded). */
export function groupTexts(texts: readonly string[], count: number, seed: number): Grouping {
  const points = texts.map(toPoint);
  let centres = startingCentres(points, count, seededRandom(seed));
  let groupOf = points.map((point) => nearest(point, centres));
  for (let round = 0; round < ROUNDS; round++) {
    centres = centres.map((centre, group) => meanOf(points.filter((_, i) => groupOf[i] === group)) ?? centre);
    groupOf = points.map((point) => nearest(point, centres));
  }
  return { representatives: centres.map((centre) => nearest(centre, points)), groupOf };
}

function toPoint(text: string): Float32Array {
  const point = new Float32Array(DIMENSIONS);
  for (const word of wordsOf(text)) point[hash(word) % DIMENSIONS] = 1;
  return normalised(point);
}

/** Takes points that are far from those taken before: each next one the least like its nearest of a random handful. */
function startingCentres(points: Float32Array[], count: number, random: () => number): Float32Array[] {
  const centres = points.slice(0, 1);
  while (centres.length < Math.min(count, points.length)) {
    const handful = Array.from(
      { length: 12 },
      () => points[Math.floor(random() * points.length)] ?? new Float32Array(),
    );
    const closeness = handful.map((point) => Math.max(...centres.map((centre) => dot(point, centre))));
    const farthest = handful[closeness.indexOf(Math.min(...closeness))];
    if (farthest) centres.push(farthest);
  }
  return centres;
}

function nearest(point: Float32Array, others: readonly Float32Array[]): number {
  let best = 0;
  let top = -Infinity;
  others.forEach((other, i) => {
    const closeness = dot(point, other);
    if (closeness > top) [best, top] = [i, closeness];
  });
  return best;
}

function meanOf(points: readonly Float32Array[]): Float32Array | undefined {
  if (points.length === 0) return undefined;
  const sum = new Float32Array(DIMENSIONS);
  for (const point of points) point.forEach((value, i) => (sum[i] = (sum[i] ?? 0) + value));
  return normalised(sum);
}

function normalised(point: Float32Array): Float32Array {
  const norm = Math.hypot(...point) || 1;
  return point.map((value) => value / norm);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
