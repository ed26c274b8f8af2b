import { Gauge, Registry } from 'prom-client';
import { type GpuPoolState, LEASE_STATES } from '../gpu-pool.js';
import { RUN_STATUSES } from '../run-record.js';
import { gpuPoolWorkflowId, leases } from '../../workflows/contract.js';
import type { GatewayContext } from './services.js';
import { askTemporal } from './temporal-call.js';

const LIMIT_MS = 2_000;

/**
 * How the installation stands now, for Prometheus; the same from each gateway. What cannot be told, since the store,
 * Temporal or the workers do not answer, is left out: a 0 would be wrong.
 */
export async function installationMetrics(context: GatewayContext): Promise<string> {
  const registry = new Registry();
  const untold = (error: unknown) => context.logger.debug({ err: error }, 'a metric could not be told');
  await Promise.all([
    countRuns(context, registry).catch(untold),
    lookAtPool(context, registry).catch(untold),
  ]);
  return await registry.metrics();
}

async function countRuns({ runs }: GatewayContext, registry: Registry): Promise<void> {
  const counts = await runs.countByStatus();
  const gauge = gaugeIn(registry, 'flywheel_runs', 'Runs that are recorded, by status', ['status']);
  for (const status of RUN_STATUSES) gauge.set({ status }, counts[status] ?? 0);
}

async function lookAtPool({ temporal, taskQueue }: GatewayContext, registry: Registry): Promise<void> {
  const pool = temporal.workflow.getHandle(gpuPoolWorkflowId(taskQueue));
  showPool(await askTemporal(temporal, () => pool.query(leases), LIMIT_MS), registry);
}

function showPool({ totalGpus, inUse, models, trainings, queue }: GpuPoolState, registry: Registry): void {
  if (totalGpus !== null) gaugeIn(registry, 'flywheel_gpus_total', 'GPUs of the pool').set(totalGpus);
  gaugeIn(registry, 'flywheel_gpus_in_use', 'GPUs that deployments and trainings take').set(inUse);
  gaugeIn(registry, 'flywheel_gpu_leases_waiting', 'Requests for GPUs that wait').set(queue.length);
  const granted = gaugeIn(registry, 'flywheel_gpu_leases', 'Leases that are granted, by state', ['state']);
  granted.set({ state: 'training' }, trainings.length);
  for (const state of LEASE_STATES)
    granted.set({ state }, models.filter((model) => model.state === state).length);
}

const gaugeIn = (registry: Registry, name: string, help: string, labelNames: string[] = []): Gauge =>
  new Gauge({ name, help, labelNames, registers: [registry] });
