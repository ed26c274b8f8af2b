import { CancellationScope, sleep, workflowInfo } from '@temporalio/workflow';
import type { GpuPoolInput } from './contract.js';
import { enterCensus } from './ledger/census.js';
import { Pool } from './pool.js';

/**
 * Grants GPUs to candidates and runs, whole requests only, first come first served, and has models served for them:
 * docs/gpu-leases.md. Lives as long as the installation; when it is cancelled, until nobody uses anything.
 */
export async function gpuPool(input: GpuPoolInput): Promise<void> {
  const pool = new Pool(input);
  await CancellationScope.nonCancellable(async () => {
    if (input.ledger === null) await takeCensus(pool);
    await serve(pool);
  });
}

/** A pool without memory asks everybody what they hold. Messages that come meanwhile are taken after it. */
async function takeCensus(pool: Pool): Promise<void> {
  const { workflowId, taskQueue, runId } = workflowInfo();
  const { looks } = pool.activities;
  const wasThere = await untilDone(pool, 'look for an earlier pool', () =>
    looks.poolWasThere.executeWithOptions({ summary: 'was there a pool before?' }, [{ workflowId, runId }]),
  );
  // What the old pool had sent must have arrived, or it would be heard after the census.
  if (wasThere) await sleep(pool.ledger.settings.graceMs);
  const census = await untilDone(pool, 'take its census', () =>
    looks.takeCensus.executeWithOptions({ summary: 'ask everybody what they hold' }, [{ taskQueue }]),
  );
  enterCensus(pool.ledger, census, pool.context());
  pool.isInCensus = false;
}

/** A pool that ended instead would lose who waits for it. */
async function untilDone<T>(pool: Pool, what: string, step: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      await pool.pauseAfter(what, error);
    }
  }
}

async function serve(pool: Pool): Promise<void> {
  for (;;) {
    pool.takeMessages();
    if (pool.isOver()) return;
    if (pool.isTired()) await pool.continueAsNew();
    pool.sendLetters();
    pool.lookAround();
    await pool.somethingHappens();
  }
}
