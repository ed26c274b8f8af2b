import { expect, test } from 'vitest';
import { gatewayTarget } from '../../src/proxy/gateway-target.js';
import { keyed } from '../gateway/keyed.js';
import { aGateway } from '../gateway/gateway-world.js';
import { logRecord } from '../support/stores.js';

test('a record that makes a body unreadable keeps the others from the gateway for ever, or is not counted', async () => {
  const { url, logs } = await aGateway();
  const deep = logRecord(3, { request: '['.repeat(5_000_001) });
  const lines = [logRecord(1), logRecord(2), deep, logRecord(4), logRecord(5)].map((one) =>
    JSON.stringify(one),
  );
  const { appended, duplicates, errors } = await gatewayTarget(url, null).append(lines);
  expect(appended + duplicates).toBeGreaterThanOrEqual(4);
  expect(errors).toEqual([{ index: 2, reason: expect.stringMatching(/413: The body holds more than/) }]);
  expect(await logs.count({ workloadId: 'checkout', clientId: 'shop', since: 0 })).toMatchObject({ all: 4 });
});

test('records are given up where another key, or a gateway that is well, would take them', async () => {
  const { url } = await aGateway({ configure: keyed });
  const lines = [JSON.stringify(logRecord(1))];
  await expect(gatewayTarget(url, 'another key').append(lines)).rejects.toThrow(/answered 401/);
});
