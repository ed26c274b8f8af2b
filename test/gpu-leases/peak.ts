import { expect } from 'vitest';
import { z } from 'zod';

const Gpus = z.object({ gpus: z.object({ total: z.null(), peak: z.number() }) });

/** By what the platform says, which knows nothing of the pool and would give more. */
export async function expectWithin(nemoUrl: string, totalGpus: number): Promise<void> {
  const response = await fetch(`${nemoUrl}/admin/state`);
  const { peak } = Gpus.parse(await response.json()).gpus;
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThanOrEqual(totalGpus);
}
