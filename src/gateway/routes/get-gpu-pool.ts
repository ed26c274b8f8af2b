import type { RequestHandler } from 'express';
import { gpuPoolWorkflowId, leases } from '../../../workflows/contract.js';
import { unavailable } from '../errors.js';
import { toGpuPool } from '../gpu-pool-document.js';
import { describeWorkflow } from '../live-run.js';
import type { GatewayContext } from '../services.js';
import { askTemporal, askWorker } from '../temporal-call.js';

/** `GET /api/gpu-pool`: who holds GPUs and why, and who waits. */
export const getGpuPool =
  ({ temporal, taskQueue }: GatewayContext): RequestHandler =>
  async (_request, response) => {
    const id = gpuPoolWorkflowId(taskQueue);
    const found = await askTemporal(temporal, () => describeWorkflow(temporal, id));
    if (found?.status.name !== 'RUNNING')
      throw unavailable('There is no GPU pool: a worker starts it, so start one.');
    const pool = temporal.workflow.getHandle(id);
    response.json(toGpuPool(await askWorker(temporal, () => pool.query(leases))));
  };
