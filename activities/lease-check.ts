import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { LEASE_LOST, useStanding, type UseStanding } from '../workflows/contract.js';
import { ask } from './ask.js';
import type { UsedGpus } from './contract.js';
import { finalFailure } from './failures.js';
import { workflowStanding } from './workflow-status.js';

/**
 * Fails with LEASE_LOST when the pool has not granted this use, or has taken it back: a workflow that was reset may
 * believe in GPUs that others have by now. Where there is no pool to ask, what was granted holds.
 */
export async function requireLease(temporal: Client, { use, pool }: UsedGpus): Promise<void> {
  if ((await workflowStanding(temporal, pool)).status !== 'open') return;
  const standing = await ask<UseStanding, [string]>(temporal, pool, useStanding.name, use);
  if (standing === 'granted') return;
  if (standing === 'census')
    throw ApplicationFailure.retryable(`${pool} does not know yet who holds what; asking it again`, 'census');
  throw finalFailure(
    LEASE_LOST,
    `the GPUs of ${use} were given back or taken away: they have to be asked for anew`,
  );
}
