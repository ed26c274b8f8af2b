import { Command } from 'commander';
import { startHealth, type WorkerMetrics } from '../../worker/health.js';
import { workerMetrics } from '../../worker/worker-metrics.js';
import { workInBackground } from '../background.js';
import { reachEndpoints } from '../endpoints.js';
import { startWorkerPart } from '../parts.js';
import { portFor } from '../ports.js';
import { loadProduction, startProduction } from '../production.js';
import { withExample } from '../example.js';
import type { Services } from '../services.js';
import { keepServing } from '../with-services.js';

/** `flywheel worker`: one process of the production set-up; start as many as there is work for. */
export const workerCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('worker')
      .option('--config <file>', 'configuration; default config/config.yaml')
      .action((options: { config?: string }) => worker(options, signal)),
    'TEMPORAL_ADDRESS=temporal:7233 ELASTICSEARCH_URL=http://es:9200 flywheel worker --config config.yaml',
  );

async function worker(options: { config?: string }, signal: AbortSignal): Promise<void> {
  const config = loadProduction(options.config, process.env, { servesNoApi: true });
  workInBackground();
  await keepServing(signal, async (services) => {
    const parts = await startProduction(services, config, 'flywheel-worker');
    await reachEndpoints(services, config, { modelKeysAreElsewhere: false });
    const health = config.services.workerHealth;
    const sdkMetrics = health && `127.0.0.1:${await portFor("Temporal's own metrics", 0, 'nothing')}`;
    await startWorkerPart(services, { ...parts, ...(sdkMetrics !== null && { sdkMetrics }) });
    console.log(`Working for ${parts.client.options.namespace}; platform ${config.services.nemo.nemoUrl}`);
    if (health && sdkMetrics) await sayHealth(services, health, workerMetrics(sdkMetrics));
  });
}

/** Last, so that an answer means that the worker has begun. */
async function sayHealth(
  services: Services,
  at: { host: string; port: number },
  metrics: WorkerMetrics,
): Promise<void> {
  const { url } = await services.start(
    'the health of the worker',
    () => startHealth(at, metrics),
    (health) => health.close(),
  );
  console.log(`Health at ${url}/health\nMetrics at ${url}/metrics`);
}
