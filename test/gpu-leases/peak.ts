import { expect } from 'vitest';
import { z } from 'zod';

const Gpus = z.object({ gpus: z.object({ total: z.null(), peak: z.number() }) });

/** The most GPUs that were in use at once since the platform started. */
export async function peakOf(nemoUrl: string): Promise<number> {
  const response = await fetch(`${nemoUrl}/admin/state`);
  return Gpus.parse(await response.json()).gpus.peak;
}

/** By what the platform says, which knows nothing of the pool and would give more. */
export async function expectWithin(nemoUrl: string, totalGpus: number): Promise<void> {
  const peak = await peakOf(nemoUrl);
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThanOrEqual(totalGpus);
}
