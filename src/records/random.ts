import { contentHash } from './json.js';

/** The seed of a run that names none. */
export const seedFrom = (runId: string): number => parseInt(contentHash(runId, 8), 16);

/** A new list in random order (Fisher–Yates). */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
