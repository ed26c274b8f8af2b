import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { importLogFile } from '../../importer/index.js';
import { DEMO_CONVERSATIONS, simulateTraffic } from '../../traffic/index.js';
import { followJob, openProgress } from '../follow.js';
import { importSummary, chooseWorkload, type WorkloadChoice } from '../imported-workload.js';
import { type Installation, startInstallation } from '../installation.js';
import { JobClient } from '../job-client.js';
import { ANY_MODEL } from '../model-options.js';
import { wholeNumber } from '../option-values.js';
import { Problem } from '../problem.js';
import { withExample } from '../example.js';
import { retirePool } from '../retire-pool.js';
import { showResult } from '../result.js';
import type { Services } from '../services.js';
import { requireReadable, requireWritable } from '../user-files.js';
import { withServices } from '../with-services.js';

interface DemoOptions extends WorkloadChoice {
  logs?: string;
  json?: string;
  keep?: true;
  seed: number;
}

const ANY_PORT = { gateway: 0, temporal: 0, temporalUi: 0, nemo: 0, nim: 0, dataStore: 0 };

/** `flywheel demo`: the whole job on this machine, and then nothing of it is left. */
export const demoCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('demo')
      .option('--logs <file>', 'your own traffic: JSON lines in the log format, also gzipped (.gz)')
      .option('--workload <id>', 'which workload of the file, when it holds several')
      .option('--client <id>', 'which client of the file, when it holds several')
      .option('--json <file>', 'also write the final document of GET /api/jobs/{id}')
      .option('--keep', 'leave everything running afterwards, until Ctrl-C')
      .option('--seed <n>', 'seed of the simulated traffic', wholeNumber, 1)
      .action((options: DemoOptions) => withServices(signal, (services) => demo(options, services))),
    'flywheel demo --logs traffic.jsonl.gz --json result.json',
  );

async function demo(options: DemoOptions, services: Services): Promise<void> {
  if (options.logs !== undefined) await requireReadable(options.logs);
  if (options.json !== undefined) await requireWritable('--json', options.json);
  const dataDir = await services.start(
    'a temporary folder',
    () => mkdtemp(join(tmpdir(), 'flywheel-demo-')),
    (folder) => rm(folder, { recursive: true, force: true }),
  );
  console.log('Starting Temporal, nemo-local, the embedded store, a worker and the gateway …');
  // The name of the folder, so that no other worker of a Temporal that was there already takes part.
  const taskQueue = basename(dataDir);
  const installation = await startInstallation(services, {
    env: ownParts(process.env),
    dataDir,
    configFile: null,
    taskQueue,
    models: ANY_MODEL,
    ports: ANY_PORT,
    passing: true,
    say: console.log,
  });
  const workload = await importTraffic(options, installation);
  const client = new JobClient(installation.gatewayUrl);
  const id = await client.start(workload.workloadId, workload.clientId, {
    say: console.log,
    signal: services.signal,
  });
  console.log(`Job ${id} for ${workload.clientId} / ${workload.workloadId}: ${client.url}/api/jobs/${id}`);
  if (installation.temporalUiUrl !== null)
    console.log(`In Temporal: ${installation.temporalUiUrl}/namespaces/default/workflows/flywheel-${id}\n`);
  const job = await followJob(client, id, openProgress(), services.signal);
  showResult(job);
  if (job.status === 'completed') console.log(`\n${aboutTheModels(installation.nemo.nemoUrl)}`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(job, null, 2)}\n`);
  if (options.keep) await keepRunning(client.url);
  if (installation.temporalUiUrl === null) await retirePool(installation.client, taskQueue);
  if (job.status !== 'completed')
    throw new Problem(`The job ended as ${job.status}: ${job.error ?? 'no reason given'}`);
}

/** The demo brings its own store and platform, and runs on this machine only, whatever else is set up here. */
function ownParts(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = ['ELASTICSEARCH_URL', 'NEMO_BASE_URL', 'NIM_BASE_URL', 'DATASTORE_BASE_URL', 'HOST'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !others.includes(name)));
}

async function importTraffic(options: DemoOptions, { stores }: Installation): Promise<Required<WorkloadIds>> {
  if (options.logs !== undefined) {
    const summary = await importLogFile(options.logs, stores.logs, { names: options });
    for (const line of importSummary(options.logs, summary)) console.log(line);
    return chooseWorkload(summary, options);
  }
  const records = [...simulateTraffic({ seed: options.seed, conversations: DEMO_CONVERSATIONS })];
  const { appended, errors } = await stores.logs.append(records);
  console.log(
    `${DEMO_CONVERSATIONS} conversations of a simulated shop's service agent: ${appended} log records imported` +
      (errors.length > 0 ? `, ${errors.length} refused (${errors[0]?.reason})` : ''),
  );
  return { workloadId: 'service_agent', clientId: 'demo-shop' };
}

interface WorkloadIds {
  workloadId: string;
  clientId: string;
}

const aboutTheModels = (nemoUrl: string): string =>
  `These models are tiny stand-ins on nemo-local (${nemoUrl}): they really learn from your logs, but their scores say ` +
  'nothing about real models. What is measured is agreement with the logged answers.';

async function keepRunning(url: string): Promise<void> {
  console.log(`\nEverything keeps running: ${url}. Ctrl-C stops it.`);
  await new Promise(() => undefined);
}
