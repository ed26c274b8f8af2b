import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { DEFAULT_TASK_QUEUE } from '../../../workflows/contract.js';
import { startInstallation } from '../installation.js';
import { describeOpenAi, readModelChoice, withModelOptions, type ModelFlags } from '../model-options.js';
import { WRONG_USE, Problem } from '../problem.js';
import { withExample } from '../example.js';
import { keepServing } from '../with-services.js';

const PORTS = { temporal: 7233, temporalUi: 8233, nemo: 8100, nim: 8101, dataStore: 8102 };

interface UpFlags extends ModelFlags {
  dataDir: string;
  config?: string;
}

/** `flywheel up`: everything on this machine, on fixed ports, until Ctrl-C; started again, open runs go on. */
export const upCommand = (signal: AbortSignal): Command =>
  withExample(
    withModelOptions(
      new Command('up')
        .option('--data-dir <folder>', 'where all state is kept', '.flywheel')
        .option('--config <file>', 'configuration; default config/demo.yaml with our own nemo-local'),
    )
      .addHelpText(
        'after',
        '\nWhat is there already is used: Temporal by TEMPORAL_ADDRESS, Elasticsearch by ELASTICSEARCH_URL, and NeMo by\n' +
          'NEMO_BASE_URL, NIM_BASE_URL and DATASTORE_BASE_URL (then with config/config.yaml).',
      )
      .action((options: UpFlags) => up(options, signal)),
    'flywheel up --data-dir /var/lib/flywheel',
  );

async function up({ dataDir, config, ...flags }: UpFlags, signal: AbortSignal): Promise<void> {
  const models = readModelChoice(flags);
  const folder = resolve(dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: Error) => {
    throw new Problem(`--data-dir ${folder} cannot be made: ${error.message}`, WRONG_USE);
  });
  await keepServing(signal, async (services) => {
    const installation = await startInstallation(services, {
      env: process.env,
      dataDir: folder,
      configFile: config ?? null,
      taskQueue: DEFAULT_TASK_QUEUE,
      models,
      ports: PORTS,
      say: console.log,
    });
    const { gatewayUrl, temporalUiUrl, nemo, config: loaded } = installation;
    for (const warning of loaded.warnings) console.log(`Warning: ${warning}`);
    console.log(`gateway      ${gatewayUrl}`);
    if (temporalUiUrl !== null) console.log(`Temporal UI  ${temporalUiUrl}`);
    for (const line of describeOpenAi(models)) console.log(`model        ${line}`);
    console.log(
      `platform     ${nemo.nemoUrl}\nstate        ${folder}\nCtrl-C stops it all; open runs go on at the next start.`,
    );
  });
}
