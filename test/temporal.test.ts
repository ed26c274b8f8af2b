import { expect, test } from 'vitest';
import { connectClient, connectWorker, registerSearchAttributes, TemporalError } from '../src/temporal.js';
import { SEARCH_ATTRIBUTES } from '../src/search-attributes.js';
import { aNamespace } from './support/namespace.js';

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
  const client = await aNamespace();
  await registerSearchAttributes(client);
  // Twice is as good as once.
  await registerSearchAttributes(client);
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
});
