import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from '../../workflows/contract.js';
import { startInstallation } from '../../src/cli/installation.js';
import { ANY_MODEL } from '../../src/cli/model-options.js';
import { keepServing } from '../../src/cli/with-services.js';

// What `flywheel up` does, on ports that the test has found to be free: data folder, configuration and ports as JSON.
const Ports = z.object({
  temporal: z.number(),
  temporalUi: z.number(),
  nemo: z.number(),
  nim: z.number(),
  dataStore: z.number(),
});

const [dataDir = '', configFile = '', ports = ''] = process.argv.slice(2);
const interruption = new AbortController();
process.once('SIGTERM', () => interruption.abort(new Error('SIGTERM')));
await keepServing(interruption.signal, async (services) => {
  const { gatewayUrl, nemo } = await startInstallation(services, {
    env: { ...process.env, PORT: '0' },
    dataDir,
    configFile,
    models: ANY_MODEL,
    taskQueue: DEFAULT_TASK_QUEUE,
    ports: { gateway: 0, ...Ports.parse(JSON.parse(ports)) },
    say: console.log,
  });
  console.log(`gateway ${gatewayUrl} platform ${nemo.nemoUrl} .`);
});
