import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { workflowStanding } from '../src/workflow-standing.js';
import { LEASE_LOST, useStates, type UseState } from '../workflows/contract.js';
import { Batches } from './batches.js';
import type { UsedGpus } from './contract.js';
import { finalFailure } from './failures.js';

/**
 * Fails with LEASE_LOST when the pool has not granted this use, or has taken it back: a workflow that was reset may
 * believe in GPUs that others have by now. Where there is no pool to ask, what was granted holds.
 */
export async function requireLease(temporal: Client, { use, pool }: UsedGpus): Promise<void> {
  const state = await questionsOf(temporal).add(pool, use);
  if (state === 'granted') return;
  if (state === 'census')
    throw ApplicationFailure.retryable(`${pool} does not know yet who holds what; asking it again`, 'census');
  throw finalFailure(
    LEASE_LOST,
    `the GPUs of ${use} were given back or taken away: they have to be asked for anew`,
  );
}

/**
 * Fails with LEASE_LOST unless this served model is open. One that was terminated is followed by another, but an attempt
 * of its activity that can no longer reach Temporal hears nothing of it.
 */
export async function requireOpen(temporal: Client, servedModel: string): Promise<void> {
  const ask = () => workflowStanding(temporal, servedModel);
  const { status } = await temporal.withDeadline(Date.now() + QUERY_LIMIT_MS, ask);
  if (status !== 'open')
    throw finalFailure(
      LEASE_LOST,
      `${servedModel} has ended: its model is deployed by another by now, or not wanted`,
    );
}

type Questions = Batches<string, UseState>;

const QUERY_LIMIT_MS = 10_000;
const LONGEST_BATCH = 1_000;

/** One query at a time: Temporal keeps only one waiting for a workflow that is busy, and refuses the others. */
const questions = new WeakMap<Client, Questions>();

function questionsOf(temporal: Client): Questions {
  const known =
    questions.get(temporal) ?? new Batches(LONGEST_BATCH, (pool, uses) => statesOf(temporal, pool, uses));
  questions.set(temporal, known);
  return known;
}

async function statesOf(temporal: Client, pool: string, uses: string[]): Promise<UseState[]> {
  // Both within the time: one that hangs would hold up the questions of all jobs.
  return await temporal.withDeadline(Date.now() + QUERY_LIMIT_MS, async () => {
    if ((await workflowStanding(temporal, pool)).status !== 'open') return uses.map(() => 'granted');
    return await temporal.workflow.getHandle(pool).query(useStates, uses);
  });
}
