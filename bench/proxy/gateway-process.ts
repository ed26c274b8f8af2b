import { Client, Connection } from '@temporalio/client';
import { loadConfig } from '../../src/config/index.js';
import { startGateway } from '../../src/gateway/index.js';
import { openStores } from '../../src/stores/index.js';

// A gateway over the embedded store, in a process of its own; takes the data folder, says its URL over IPC. It starts no
// job, so that no Temporal is asked.

const dataDir = process.argv[2] ?? '';
const config = loadConfig({ file: 'config/demo.yaml', env: { LOG_LEVEL: 'error' }, dataDir });
const { logs, runs } = await openStores(config.services.store);
const temporal = new Client({ connection: Connection.lazy({ address: '127.0.0.1:9' }) });
const services = { temporal, taskQueue: 'bench', logs, runs, config, platform: [] };
const { url } = await startGateway(services, { host: '127.0.0.1', port: 0 });
process.send?.({ url });
process.on('disconnect', () => process.exit());
