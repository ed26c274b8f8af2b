import { expect, test } from 'vitest';
import { JobClient } from '../../src/cli/job-client.js';
import { aGateway, JOB } from '../gateway/gateway-world.js';
import { keyed, SHOP_KEY } from '../gateway/keyed.js';

test('a gateway with keys cannot be used from the command line, or does not say what is missing', async () => {
  const { url } = await aGateway({ configure: keyed });
  const start = (env: NodeJS.ProcessEnv) => new JobClient(url, env).start(JOB.workload_id, JOB.client_id);
  await expect(start({})).rejects.toThrow(/: 401: A key is needed: .* Put it into FLYWHEEL_API_KEY\.$/);
  await expect(start({ FLYWHEEL_API_KEY: 'wrong' })).rejects.toThrow(/: 401: This key is not known/);
  const client = new JobClient(url, { FLYWHEEL_API_KEY: SHOP_KEY });
  const id = await client.start(JOB.workload_id, JOB.client_id);
  expect(await client.read(id)).toMatchObject({ id });
});
