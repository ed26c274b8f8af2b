import type { RequestHandler } from 'express';
import { WorkflowNotFoundError } from '@temporalio/client';
import { gpuPoolWorkflowId, leases } from '../../../workflows/contract.js';
import { unavailable } from '../errors.js';
import { toGpuPool } from '../gpu-pool-document.js';
import type { GatewayContext } from '../services.js';
import { askTemporal } from '../temporal-call.js';

/** `GET /api/gpu-pool`: who holds GPUs and why, and who waits. */
export const getGpuPool =
  ({ temporal, taskQueue }: GatewayContext): RequestHandler =>
  async (_request, response) => {
    const pool = temporal.workflow.getHandle(gpuPoolWorkflowId(taskQueue));
    const isOpen = await askTemporal(temporal, async () => {
      const { status } = await pool.describe().catch((error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return { status: { name: 'NONE' } };
        throw error;
      });
      return status.name === 'RUNNING';
    });
    if (!isOpen) throw unavailable('There is no GPU pool: a worker starts it, so start one.');
    response.json(toGpuPool(await askTemporal(temporal, () => pool.query(leases))));
  };
