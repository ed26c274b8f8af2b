import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { aDataset, aDeployment, aFolder, aPlatform } from '../../support/local-platform.js';
import { trainingRows } from '../../support/order-traffic.js';
import { installed } from '../../support/python.js';

const ALL = process.env['ALL_CLIENTS'] !== undefined;
const HUB = ALL ? ['0.30.2', '0.34.4', '2.4.0'] : ['2.4.0'];
const SDK = ALL ? ['1.1.0', '1.5.0'] : ['1.5.0'];
/** All versions, with files of the size that people have; one version, with one just above the limit of `regular`. */
const LARGE_BYTES = ALL ? 64_000_000 : 12_000_000;
const LONG = { timeout: 240_000 };

/** Runs a script beside this file; rejects with what it wrote when it ends with an error. */
async function runScript(python: string, script: string, env: Record<string, string>): Promise<string[]> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(python, [path], { env: { ...process.env, ...env } });
  return stdout.trim().split('\n');
}

for (const version of HUB) {
  const { python, missing } = await installed([`huggingface_hub==${version}`]);
  describe.skipIf(missing !== null)(`huggingface_hub ${version}${reasonOf(missing)}`, () => {
    test('cannot do on the data store what it offers', LONG, async () => {
      const { dataStoreUrl } = await aPlatform();
      const lines = await runScript(python, 'hub.py', {
        HF_ENDPOINT: `${dataStoreUrl}/v1/hf`,
        HF_HOME: await aFolder(),
        LARGE_BYTES: String(LARGE_BYTES),
      });
      expect(lines.filter((line) => line.endsWith(' ok'))).toHaveLength(12);
    });
  });
}

for (const version of SDK) {
  const { python, missing } = await installed([`nemo-microservices==${version}`]);
  describe.skipIf(missing !== null)(`nemo-microservices ${version}${reasonOf(missing)}`, () => {
    const modes = ['synchronous', 'synchronous strict', 'asynchronous', 'asynchronous strict'];
    test.each(modes)('cannot do on stores, deployments and models what it offers: %s', LONG, async (mode) => {
      const { nemoUrl, nimUrl } = await aPlatform();
      const lines = await runScript(python, 'sdk_stores.py', {
        NEMO_URL: nemoUrl,
        NIM_URL: nimUrl,
        MODE: mode,
      });
      expect(lines.filter((line) => line.endsWith(' ok'))).toHaveLength(8);
    });

    test('offers a method or a parameter that is refused or answered wrongly', async () => {
      const platform = await aPlatform();
      await aDataset(platform, 'orders', { 'training/training.jsonl': trainingRows(8) });
      for (const model of ['meta/tiny-3b', 'nvidia/tiny-embed', 'nvidia/tiny-jailbreak-detect'])
        await aDeployment(platform, model);
      const { nemoUrl, nimUrl } = platform;
      const [line] = await runScript(python, 'sdk_methods.py', { NEMO_URL: nemoUrl, NIM_URL: nimUrl });
      expect(line).toMatch(/ 8\d methods ok$/);
    });
  });
}

function reasonOf(missing: string | null): string {
  return missing === null ? '' : ` (skipped: ${missing})`;
}
