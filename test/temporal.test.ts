import { randomUUID } from 'node:crypto';
import { Client, type Connection } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { connectClient, connectWorker, registerSearchAttributes, TemporalError } from '../src/temporal.js';
import { SEARCH_ATTRIBUTES } from '../src/search-attributes.js';

const NOWHERE = '127.0.0.1:9';

test.each([connectClient, connectWorker])(
  'a Temporal that is away is not named, or not with what to do (%o)',
  async (connect) => {
    const refused = connect(NOWHERE);
    await expect(refused).rejects.toBeInstanceOf(TemporalError);
    await expect(refused).rejects.toThrow(/answer at 127\.0\.0\.1:9.*start-dev.*TEMPORAL_ADDRESS/);
  },
);

test('no run can be found by its workload in a namespace of its own', async () => {
  const { client, close } = await connectClient(inject('temporal').address);
  onTestFinished(close);
  const connection = client.connection as Connection;
  const namespace = `flywheel-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  const elsewhere = new Client({ connection, namespace });
  // The server learns of a new namespace after some time; and twice is as good as once.
  await expect
    .poll(() => registerSearchAttributes(elsewhere).then(() => 'registered'), { timeout: 30_000 })
    .toBe('registered');
  await registerSearchAttributes(elsewhere);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
});
