import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { expect, inject, onTestFinished } from 'vitest';
import { connectClient } from '../../src/temporal.js';

/**
 * A client in a namespace of its own on the shared server. Programs need one: they all work on the task queue
 * `flywheel`, so that in one namespace each would take up the runs of the others.
 */
export async function aNamespace(): Promise<Client> {
  const { client, close } = await connectClient(inject('temporal').address);
  onTestFinished(close);
  const { connection } = client;
  const namespace = `flywheel-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  // The server learns of a new namespace after some time.
  const known = () => connection.operatorService.listSearchAttributes({ namespace }).then(() => true);
  await expect.poll(known, { timeout: 30_000 }).toBe(true);
  return new Client({ connection, namespace });
}
