import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { beforeAll, inject, onTestFinished } from 'vitest';
import { candidateWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { JOB, type GatewayWorld } from './gateway-world.js';
import { watchActivities } from './watch-activities.js';

let workflowBundle: { code: string };

/** To be called by each file with workers. */
export const bundleStandIns = (): void =>
  beforeAll(async () => {
    const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter } } });
    const workflowsPath = fileURLToPath(new URL('workflows/index.ts', import.meta.url));
    workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  });

/** Starts a worker for the gateway's queue; the returned function stops it. */
export async function aWorker({ taskQueue }: GatewayWorld): Promise<() => Promise<void>> {
  const connection = await NativeConnection.connect({ address: inject('temporal').address });
  const activities = watchActivities;
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, activities });
  const running = worker.run();
  const stop = async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    await connection.close();
  };
  onTestFinished(async () => {
    if (worker.getState() === 'RUNNING') await stop();
  });
  return stop;
}

/** Its workflows are terminated when the test has ended. */
export async function startedJob(world: GatewayWorld): Promise<string> {
  const { body } = await world.call('POST', '/api/jobs', JOB);
  onTestFinished(async () => {
    const { model } = world.config.run.candidates[0]!;
    for (const workflowId of [runWorkflowId(body.id), candidateWorkflowId(body.id, model)])
      await world.temporal.workflow
        .getHandle(workflowId)
        .terminate()
        .catch(() => undefined);
  });
  return body.id;
}
