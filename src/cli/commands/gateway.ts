import { Command } from 'commander';
import { removeLeftFolders } from '../../datasets/index.js';
import { reachEndpoints } from '../endpoints.js';
import { startGatewayPart } from '../parts.js';
import { loadProduction, startProduction } from '../production.js';
import { withExample } from '../example.js';
import { keepServing } from '../with-services.js';

/** `flywheel gateway`: the HTTP API as a process of its own. */
export const gatewayCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('gateway')
      .option('--config <file>', 'configuration; default config/config.yaml')
      .action((options: { config?: string }) => gateway(options, signal)),
    'TEMPORAL_ADDRESS=temporal:7233 ELASTICSEARCH_URL=http://es:9200 HOST=0.0.0.0 flywheel gateway',
  );

async function gateway(options: { config?: string }, signal: AbortSignal): Promise<void> {
  const config = loadProduction(options.config, process.env, { servesNoApi: false });
  await keepServing(signal, async (services) => {
    const parts = await startProduction(services, config, 'flywheel-gateway');
    // It asks no model itself; its workers hold the keys.
    await reachEndpoints(services, config, { modelKeysAreElsewhere: true });
    await removeLeftFolders(config.services.spoolDir);
    console.log(`Serving ${await startGatewayPart(services, parts)}`);
  });
}
