import type { WorkflowExecutionDescription } from '@temporalio/client';
import { gpuPoolWorkflowId, leases } from '../../../workflows/contract.js';
import type { RunStore } from '../../stores/run-store.js';
import { describeWorkflow } from '../../workflow-standing.js';
import { type Caller, callerOf, isWithin } from '../caller.js';
import { unavailable } from '../errors.js';
import { type GpuPoolDocument, gpuPoolDocument, toGpuPool } from '../gpu-pool-document.js';
import { runsIn, withoutForeign } from '../gpu-pool-scope.js';
import { AWAY, json, operation } from '../operation.js';
import { askTemporal, askWorker } from '../temporal-call.js';

/** `GET /api/gpu-pool`: who holds GPUs and why, and who waits. */
export const getGpuPool = operation(
  {
    id: 'getGpuPool',
    tag: 'operation',
    summary: 'Who holds GPUs and why, and who waits',
    answers: { 200: json('The pool', gpuPoolDocument), ...AWAY },
  },
  ({ temporal, taskQueue, runs }) =>
    async (request, response) => {
      const id = gpuPoolWorkflowId(taskQueue);
      const found = await askTemporal(temporal, () => describeWorkflow(temporal, id));
      if (found?.status.name !== 'RUNNING')
        throw unavailable('There is no GPU pool: a worker starts it, so start one.');
      const pool = temporal.workflow.getHandle(id);
      const shown = toGpuPool(await askWorker(temporal, () => pool.query(leases)), lastProblem(found));
      const caller = callerOf(request);
      response.json(
        caller.clients === null ? shown : withoutForeign(shown, await ownRuns(runs, caller, shown)),
      );
    },
);

/** With what the activity failed last that the pool waits for: in its census it waits for no other. */
const lastProblem = ({ raw }: WorkflowExecutionDescription): string | null =>
  raw.pendingActivities?.find(({ lastFailure }) => lastFailure)?.lastFailure?.message ?? null;

async function ownRuns(runs: RunStore, caller: Caller, pool: GpuPoolDocument): Promise<Set<string>> {
  const found = await Promise.all(runsIn(pool).map((runId) => runs.get(runId)));
  return new Set(found.flatMap((run) => (run && isWithin(caller, run.clientId) ? [run.runId] : [])));
}
