import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import type { TimingConfig } from '../../../src/config/run-config.js';
import type { Needs } from '../../../src/gpu-pool.js';
import { isGpusDenied } from '../../../workflows/failures.js';
import { GpuUses } from '../../../workflows/gpu-uses.js';
import { proxies } from '../../../workflows/proxies.js';

export * from '../../../workflows/index.js';

export interface HolderInput {
  needs: Needs;
  timing: TimingConfig;
  /** Asks again after each time. */
  forever: boolean;
}

/** Ends what it does with its GPUs at present. */
export const letGo = defineSignal('letGo');

/** Holds what it asks for until it is told to let go; ends with why it was denied, or with null. */
export async function candidate({ needs, timing, forever }: HolderInput): Promise<string | null> {
  let told = 0;
  let rounds = 0;
  setHandler(letGo, () => void (told += 1));
  const gpus = new GpuUses(proxies(timing), () => undefined);
  try {
    do {
      rounds += 1;
      await gpus.with('work', needs, () => condition(() => told >= rounds));
    } while (forever);
    return null;
  } catch (error) {
    if (isGpusDenied(error)) return error.message;
    throw error;
  }
}
