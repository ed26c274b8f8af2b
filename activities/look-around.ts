import { type Client, QueryNotRegisteredError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure, log } from '@temporalio/activity';
import type { Nemo } from '../src/nemo/index.js';
import { type HeldUse, runOfHolder } from '../src/gpu-pool.js';
import { messageOf } from '../src/message-of.js';
import { isClosedFor, workflowStanding } from '../src/workflow-standing.js';
import {
  CANDIDATE,
  FLYWHEEL_RUN,
  gpuPoolWorkflowId,
  held,
  SERVED_MODEL,
  servedModelState,
  type Census,
  type ServedLease,
  type Sighting,
} from '../workflows/contract.js';
import { ask } from './ask.js';
import { deployingPool, ownTrainings } from './installation.js';
import { inTurns } from './in-turns.js';

/** What each of these workflows is seen to be. */
export async function lookAt(
  temporal: Client,
  workflowIds: readonly string[],
  graceMs: number,
): Promise<Record<string, Sighting>> {
  const seen = await inTurns(workflowIds, async (id) => [id, await sight(temporal, id, graceMs)] as const);
  return Object.fromEntries(seen);
}

async function sight(temporal: Client, workflowId: string, graceMs: number): Promise<Sighting> {
  const standing = await workflowStanding(temporal, workflowId);
  if (standing.status === 'open')
    return { state: 'open', ...(isHolder(workflowId) && (await listed(temporal, workflowId))) };
  const isGone = standing.status === 'unknown' || isClosedFor(standing, graceMs);
  return { state: isGone ? 'gone' : 'unknown' };
}

const isHolder = (workflowId: string): boolean => runOfHolder(workflowId) !== null;

/** What an open holder lists; nothing when it does not answer. */
async function listed(temporal: Client, workflowId: string): Promise<{ held?: string[] }> {
  try {
    const uses = await ask<HeldUse[]>(temporal, workflowId, held.name);
    return { held: uses.map(({ use }) => use) };
  } catch (error) {
    log.warn(`${workflowId} does not say what it holds: ${String(error)}`);
    return {};
  }
}

/**
 * Open workflows first, the platform second: a lease is older than its deployment or job. One that does not answer
 * fails the census, which is taken again: without its word GPUs could be granted twice.
 */
export async function takeCensus(temporal: Client, nemo: Nemo, taskQueue: string): Promise<Census> {
  const open = async (type: string): Promise<string[]> => {
    const ids: string[] = [];
    const query = `WorkflowType = "${type}" AND TaskQueue = "${taskQueue}" AND ExecutionStatus = "Running"`;
    for await (const { workflowId } of temporal.workflow.list({ query })) ids.push(workflowId);
    return ids;
  };
  const holders = [...(await open(CANDIDATE)), ...(await open(FLYWHEEL_RUN))];
  const uses = await inTurns(holders, (id) => answerOf<HeldUse[]>(temporal, id, held.name));
  const served = await inTurns(await open(SERVED_MODEL), (id) =>
    answerOf<ServedLease>(temporal, id, servedModelState.name),
  );
  return {
    uses: uses.flatMap((list) => list ?? []),
    served: served.filter((state) => state !== null),
    deployments: await nemo.deployments.ofPool(await deployingPool(temporal, gpuPoolWorkflowId(taskQueue))),
    trainings: await ownTrainings(temporal, taskQueue, await nemo.customizer.running()),
  };
}

/** null: it has ended meanwhile, or has nothing to say. */
async function answerOf<T>(temporal: Client, workflowId: string, query: string): Promise<T | null> {
  try {
    return await ask<T>(temporal, workflowId, query);
  } catch (error) {
    if (error instanceof QueryNotRegisteredError || error instanceof WorkflowNotFoundError) return null;
    // It keeps everybody from GPUs. With its cause the failure may be longer than Temporal keeps.
    const reason = messageOf(error).slice(0, 500);
    throw ApplicationFailure.retryable(`${workflowId} does not say what it holds: ${reason}`, 'silent');
  }
}
