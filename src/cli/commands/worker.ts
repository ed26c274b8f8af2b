import { Command } from 'commander';
import { startHealth } from '../../worker/health.js';
import { reachEndpoints } from '../endpoints.js';
import { startWorkerPart } from '../parts.js';
import { loadProduction, startProduction } from '../production.js';
import { withExample } from '../program.js';
import { keepServing } from '../with-services.js';

/** `flywheel worker`: one process of the production set-up; start as many as there is work for. */
export const workerCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('worker')
      .description('run a worker against your own Temporal, Elasticsearch and NeMo')
      .option('--config <file>', 'configuration; default config/config.yaml')
      .action((options: { config?: string }) => worker(options, signal)),
    'TEMPORAL_ADDRESS=temporal:7233 ELASTICSEARCH_URL=http://es:9200 flywheel worker --config config.yaml',
  );

async function worker(options: { config?: string }, signal: AbortSignal): Promise<void> {
  const config = loadProduction(options.config, process.env);
  await keepServing(signal, async (services) => {
    const parts = await startProduction(services, config);
    await reachEndpoints(services, config, { keysAreElsewhere: false });
    await startWorkerPart(services, parts);
    const { workerHealth } = config.services;
    if (workerHealth !== null)
      await services.start(
        'the health of the worker',
        () => startHealth(workerHealth),
        (health) => health.close(),
      );
    console.log(`Working for ${parts.client.options.namespace}; platform ${config.services.nemo.nemoUrl}`);
  });
}
