import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import type { LoadedConfig } from '../../config/types.js';
import {
  PrivateFolder,
  previewRequest,
  removeLeftFolders,
  TooFewRecords,
  withDatasets,
} from '../../datasets/index.js';
import { toDatasetDocument } from '../../gateway/dataset-document.js';
import type { DatasetDocument } from '../../gateway/wire.js';
import { configFile } from '../built-files.js';
import { type DatasetSource, type LogFileFlags, openStore, readLogs } from '../dataset-source.js';
import { requireOwnFolder, writeDatasetFolder } from '../dataset-folder.js';
import { funnelTable, toolLines } from '../funnel-table.js';
import { columnsOption, formatOption } from '../import-options.js';
import { Problem, WRONG_USE } from '../problem.js';
import { withExample } from '../example.js';
import type { Services } from '../services.js';
import { temporaryData } from '../temporary-data.js';
import { withServices } from '../with-services.js';
import { Work } from '../work.js';

interface DatasetsFlags extends LogFileFlags {
  out: string;
  logs?: string;
  config?: string;
  dataDir: string;
}

/** `flywheel datasets`: what a run would upload, in a folder. */
export const datasetsCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('datasets')
      .requiredOption('--out <folder>', 'a new or empty folder, or one that this command has written')
      .option('--workload <id>', 'workload_id of the logs; with --logs only where the file holds several')
      .option('--client <id>', 'client_id of the logs; with --logs only where the file holds several')
      .option('--logs <file>', 'read this log file, and no store')
      .addOption(formatOption('of the log file: '))
      .addOption(columnsOption('of the log file, if it is CSV or Parquet: '))
      .option('--config <file>', 'configuration; default config/config.yaml')
      .option(
        '--data-dir <folder>',
        'folder of the embedded store (without --logs and ELASTICSEARCH_URL)',
        '.flywheel',
      )
      .addHelpText(
        'after',
        '\ndata_split_config and icl_config say how they are built, eval_size among them; docs/datasets.md explains them.\n' +
          'Ends with 0 written, 1 failed, 2 wrong use, 130 interrupted.',
      )
      .action((flags: DatasetsFlags) => withServices(signal, (services) => datasets(flags, services))),
    'flywheel datasets --workload service_agent --client demo-shop --out datasets',
    'flywheel datasets --logs traffic.jsonl.gz --out datasets',
  );

async function datasets(flags: DatasetsFlags, services: Services): Promise<void> {
  requireLogs(flags);
  await requireOwnFolder('--out', flags.out);
  const config = loadConfig({
    file: flags.config ?? configFile('config'),
    env: process.env,
    dataDir: needsData(flags) ? resolve(flags.dataDir) : temporaryData(),
    servesNoApi: true,
  });
  const store = flags.logs === undefined ? await openStore(flags, config, services) : null;
  const work = new Work();
  const { spoolDir } = config.services;
  await removeLeftFolders(spoolDir);
  const folder = await services.start(
    'the spool',
    () => PrivateFolder.create(spoolDir),
    async (own) => {
      await work.end();
      await own.remove();
    },
  );
  const { signal } = services;
  const built = async () => {
    const source = store ?? (await readLogs(flags.logs ?? '', flags, folder.path, signal));
    return await buildInto(flags.out, config, source, spoolDir, signal);
  };
  const document = await work.during(built());
  console.log(`Datasets of ${document.client_id} / ${document.workload_id}, of records`);
  console.log(funnelTable(document));
  console.log(`Rows by the tool that they call\n${toolLines(document).join('\n')}`);
  for (const warning of [...config.warnings, ...document.warnings]) console.log(`Warning: ${warning}`);
  console.log(`Written to ${resolve(flags.out)}`);
}

/** How a log file is to be read says nothing of a store. */
function requireLogs({ logs, format, columns }: DatasetsFlags): void {
  if (logs === undefined && (format !== undefined || columns !== undefined))
    throw new Problem('--format and --columns say how to read a log file: name it with --logs.', WRONG_USE);
}

/** Whether there is an embedded store; without one the spool has no place in the user's folder. */
const needsData = ({ logs }: DatasetsFlags): boolean =>
  logs === undefined && !process.env['ELASTICSEARCH_URL'];

async function buildInto(
  out: string,
  { run }: LoadedConfig,
  { logs, ...names }: DatasetSource,
  spoolDir: string,
  signal: AbortSignal,
): Promise<DatasetDocument> {
  const request = previewRequest(names, run);
  const watch = { signal, onProgress: showProgress };
  try {
    return await withDatasets({ logs, spoolDir, embedding: null }, request, watch, async (built) => {
      const document = toDatasetDocument(names, built);
      await writeDatasetFolder(out, built, document, signal);
      return document;
    });
  } catch (error) {
    if (error instanceof TooFewRecords && error.isUnknownWorkload)
      throw new Problem(error.message, WRONG_USE);
    throw error;
  }
}

function showProgress(progress: object): void {
  if (process.stderr.isTTY && 'records' in progress)
    process.stderr.write(`\r${String(progress.records)} records\r`);
}
