import { seededRandom } from '../seeded-random.js';

export type Interval = [number, number];

/** Normal quantile of a two-sided 95 % interval. */
export const Z95 = 1.959963984540054;
const RESAMPLES = 2_000;

/**
 * Wilson score interval of a proportion, 95 %: Wilson, JASA 22 (1927); method 3 of Newcombe, Statistics in Medicine 17
 * (1998) 857–872.
 */
export function wilson(p: number, n: number): Interval {
  const z2 = Z95 * Z95;
  const centre = p + z2 / (2 * n);
  const half = Z95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  const scale = 1 + z2 / n;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}

/** Percentile bootstrap of a mean, 95 %: Efron & Tibshirani, An Introduction to the Bootstrap (1993), ch. 13. Seeded. */
export function bootstrapMean(values: readonly number[], seed: number): Interval {
  const random = seededRandom(seed);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)] ?? 0;
    return sum / values.length;
  }).sort((a, b) => a - b);
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/** Fewer ratings than this say too little about how much ratings vary. */
export const ENOUGH_RATINGS = 30;

/**
 * Interval of a mean of ratings from `low` to `high`, 95 %: the bootstrap, and where there are too few for that, Wilson's
 * on the mean's place between the bounds. Nothing within them varies more than a proportion, so it errs on the wide side.
 */
export function ratingInterval(values: readonly number[], low: number, high: number, seed: number): Interval {
  if (values.length >= ENOUGH_RATINGS) return bootstrapMean(values, seed);
  const [from, to] = wilson((mean(values) - low) / (high - low), values.length);
  return [low + from * (high - low), low + to * (high - low)];
}

/** Linear interpolation between order statistics (type 7 of Hyndman & Fan, The American Statistician 50, 1996). */
function quantile(sorted: readonly number[], p: number): number {
  const at = p * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Unbiased; 0 for fewer than two values. */
export function variance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
