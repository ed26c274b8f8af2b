import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { inject, onTestFinished } from 'vitest';
import { FLYWHEEL_RUN } from '../../workflows/contract.js';

/** A client of the tests' own Temporal, closed after the test. */
export async function aTemporalClient(): Promise<Client> {
  const connection = await Connection.connect({ address: inject('temporal').address });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

/** The id of a workflow that is open, since nobody works on its queue, until it is ended. */
export async function anOpenHolder(temporal: Client): Promise<{ id: string; end(): Promise<void> }> {
  const id = `flywheel-${randomUUID()}`;
  const handle = await temporal.workflow.start(FLYWHEEL_RUN, {
    workflowId: id,
    taskQueue: randomUUID(),
    args: [],
  });
  const end = async () => {
    await handle.terminate().catch(() => undefined);
  };
  onTestFinished(end);
  return { id, end };
}
