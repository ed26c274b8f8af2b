import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startInstallation } from '../../src/cli/installation.js';
import { ANY_MODEL } from '../../src/cli/model-options.js';
import { startNemoLocalChild } from '../../src/cli/nemo-local-child.js';
import { portFor } from '../../src/cli/ports.js';
import type { NemoAddresses } from '../../src/config/types.js';
import { DEFAULT_TASK_QUEUE } from '../../workflows/contract.js';
import { withParts } from '../support/bench-parts.js';
import { demoConfig } from '../support/demo-config.js';
import type { Scenario } from './scenarios.js';

const JUDGE = 'stand-in/judge-70b';
const EPOCHS = 90;

/** Everything that a scenario needs, started for it alone. */
export async function withInstallation(
  scenario: Scenario,
  use: (gatewayUrl: string, nemoUrl: string) => Promise<void>,
): Promise<void> {
  const free = () => portFor('a benchmark', 0, '');
  await withParts('makespan', async (services, folder) => {
    const { addresses } = await services.start(
      'nemo-local',
      async () =>
        startNemoLocalChild({
          ...ANY_MODEL,
          ports: { nemo: await free(), nim: await free(), dataStore: await free() },
          dataDir: join(folder, 'nemo-local'),
          // A real platform's waiting; by default there is none.
          timeScale: 1,
          models: modelsOf(scenario),
        }),
      (child) => child.stop(),
    );
    const configFile = join(folder, 'config.yaml');
    await writeFile(configFile, await configOf(scenario, addresses));
    const env = {
      ...process.env,
      NEMO_BASE_URL: addresses.nemoUrl,
      NIM_BASE_URL: addresses.nimUrl,
      DATASTORE_BASE_URL: addresses.dataStoreUrl,
    };
    const ports = {
      temporal: 0,
      temporalUi: 0,
      nemo: 0,
      nim: 0,
      dataStore: 0,
      gateway: 0,
    };
    const { gatewayUrl } = await startInstallation(services, {
      env,
      dataDir: folder,
      configFile,
      ports,
      models: ANY_MODEL,
      taskQueue: DEFAULT_TASK_QUEUE,
      say: console.log,
    });
    await use(gatewayUrl, addresses.nemoUrl);
  });
}

/** A remote judge is served from the start. */
const modelsOf = ({ candidates, judgeGpus }: Scenario) => [
  { name: JUDGE, deployed: judgeGpus === null },
  ...candidates.map((name) => ({ name })),
];

/** The demo's configuration, with polls that are as short against a deployment as the usual ones. */
async function configOf(
  { gpus, judgeGpus, candidates }: Scenario,
  { nimUrl }: NemoAddresses,
): Promise<string> {
  const demo = await demoConfig({ models: candidates, epochs: EPOCHS });
  const judge =
    judgeGpus === null
      ? `deployment_type: remote\n  url: ${nimUrl}/v1/chat/completions\n  model_name: ${JUDGE}`
      : `deployment_type: local\n  model_name: ${JUDGE}\n  gpus: ${judgeGpus}`;
  return (
    demo
      .replace(/llm_judge_config:[^]*?(?=\nnims:)/, `llm_judge_config:\n  ${judge}\n`)
      // A step for each row: of a training's time next to nothing is computation.
      .replace(/batch_size: .*/, 'batch_size: 1')
      .replace(/val_ratio: .*/, 'val_ratio: 0')
      .replaceAll(/_poll: .*/g, '_poll: 100ms')
      .replace(/customization_poll: .*/, 'customization_poll: 1s')
      .concat(
        `gpu_pool: {total_gpus: ${gpus}, idle_ttl: 10s, patience: 10s, pass_interval: 10s, grace: 2m}\n`,
      )
  );
}
