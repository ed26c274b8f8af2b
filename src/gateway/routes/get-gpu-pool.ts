import { gpuPoolWorkflowId, leases } from '../../../workflows/contract.js';
import { unavailable } from '../errors.js';
import { gpuPoolDocument, toGpuPool } from '../gpu-pool-document.js';
import { describeWorkflow } from '../live-run.js';
import { AWAY, json, operation } from '../operation.js';
import { askTemporal } from '../temporal-call.js';

/** `GET /api/gpu-pool`: who holds GPUs and why, and who waits. */
export const getGpuPool = operation(
  {
    id: 'getGpuPool',
    tag: 'operation',
    summary: 'Who holds GPUs and why, and who waits',
    answers: { 200: json('The pool', gpuPoolDocument), ...AWAY },
  },
  ({ temporal, taskQueue }) =>
    async (_request, response) => {
      const id = gpuPoolWorkflowId(taskQueue);
      const found = await askTemporal(temporal, () => describeWorkflow(temporal, id));
      if (found?.status.name !== 'RUNNING')
        throw unavailable('There is no GPU pool: a worker starts it, so start one.');
      const pool = temporal.workflow.getHandle(id);
      response.json(toGpuPool(await askTemporal(temporal, () => pool.query(leases))));
    },
);
