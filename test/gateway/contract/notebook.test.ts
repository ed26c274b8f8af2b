import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ORDERS } from '../../support/order-logs.js';
import { installed } from '../../support/python.js';
import { sharedWorld } from '../../support/shared-world.js';

const { python, missing } = await installed(['pandas==2.3.3', 'requests==2.32.5']);
const reason = missing === null ? '' : ` (skipped: ${missing})`;
const SCRIPT = fileURLToPath(new URL('notebook.py', import.meta.url));

describe.skipIf(missing !== null)(`the blueprint's notebook${reason}`, () => {
  // The notebook asks for nothing but a workload of a client.
  const shared = sharedWorld({ configure: (run) => void (run.split = { ...run.split, evalSize: 20 }) });

  test('cannot follow a job from its submission to its end, or finds a key or a value that it cannot read', async () => {
    const env = {
      ...process.env,
      GATEWAY_URL: shared.world.api.url,
      WORKLOAD: ORDERS.workload,
      CLIENT: ORDERS.client,
    };
    const { stdout } = await promisify(execFile)(python, [SCRIPT], { env });
    const models = shared.world.config.run.candidates.map(({ model }) => model).sort();
    const told = JSON.parse(stdout) as Record<string, unknown>;
    expect(told).toMatchObject({
      status: 'completed',
      customized: expect.stringContaining('@'),
      trainings: models.map(() => 'Completed'),
      models: models.flatMap((model) => [model, model, model]),
      evaluations: models.flatMap(() => ['BASE-EVAL', 'CUSTOMIZED-EVAL', 'ICL-EVAL']),
      // Three scores of three experiments, each a number from 0 to 1.
      charts: models.map(() => [3, 3, true]),
    });
    expect(told['records']).toBeGreaterThan(0);
    // It has read entries from before their end, not only the last document.
    expect(told['sawRunning']).toBeGreaterThan(0);
  });
});
