import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { aDataset, aDeployment, aPlatform } from '../../support/local-platform.js';
import { evaluationRows, trainingRows } from '../../support/order-traffic.js';
import { installed } from '../../support/python.js';

const SCRIPT = fileURLToPath(new URL('sdk-jobs.py', import.meta.url));
const VERSIONS = process.env['ALL_CLIENTS'] ? ['1.1.0', '1.5.0'] : ['1.5.0'];

for (const version of VERSIONS) {
  const { python, missing } = await installed([`nemo-microservices==${version}`]);
  const reason = missing === null ? '' : ` (skipped: ${missing})`;
  describe.skipIf(missing !== null)(`nemo-microservices ${version}${reason}`, () => {
    test('cannot do on customizer and evaluator what it offers', { timeout: 240_000 }, async () => {
      const platform = await aPlatform();
      await aDeployment(platform, 'meta/tiny-3b');
      await aDataset(platform, 'orders', {
        'training/training.jsonl': trainingRows(24),
        'validation/validation.jsonl': trainingRows(6),
        'testing/eval.jsonl': evaluationRows(9),
      });
      const { stdout } = await promisify(execFile)(python, [SCRIPT], {
        env: { ...process.env, NEMO_URL: platform.nemoUrl },
      });
      expect(stdout.trim().split('\n')).toHaveLength(4);
    });
  });
}
