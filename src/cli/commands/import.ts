import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import { importLogFile } from '../../importer/index.js';
import { withLongNumbers } from '../../records/long-numbers.js';
import type { LogStore } from '../../stores/log-store.js';
import { configFile } from '../built-files.js';
import { columnsOption, formatOption, type FileFlags } from '../import-options.js';
import { ImportBar } from '../import-progress.js';
import { importSummary, requireRecords, type WorkloadChoice } from '../imported-workload.js';
import { JobClient, type Waiting } from '../job-client.js';
import { httpUrl } from '../option-values.js';
import { startStores } from '../parts.js';
import { describe, Problem } from '../problem.js';
import { withExample } from '../example.js';
import type { Services } from '../services.js';
import { withServices } from '../with-services.js';

interface ImportFlags extends WorkloadChoice, FileFlags {
  url?: string;
  dataDir: string;
}

/** `flywheel import`: log records from a file into the store. */
export const importCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('import')
      .argument('<file>', 'the file, also gzipped (.gz)')
      .addOption(formatOption())
      .option('--workload <name>', 'workload of records that name none')
      .option('--client <name>', 'client of records that name none')
      .addOption(columnsOption())
      .option(
        '--url <url>',
        'send to a running gateway; needed for the embedded store while `flywheel up` runs',
        httpUrl,
      )
      .option(
        '--data-dir <folder>',
        'folder of the embedded store (without --url and ELASTICSEARCH_URL)',
        '.flywheel',
      )
      .action((file: string, flags: ImportFlags) =>
        withServices(signal, (services) => importFile(file, flags, services)),
      ),
    'flywheel import traffic.jsonl.gz --url http://127.0.0.1:8000',
    'flywheel import langfuse.json --client shop --workload support',
    'flywheel import calls.csv --columns timestamp=ts,messages=prompt,answer=reply --client shop --workload faq',
  );

async function importFile(file: string, flags: ImportFlags, services: Services): Promise<void> {
  const { url, dataDir, format, columns, workload, client } = flags;
  const bar = new ImportBar(process.stderr);
  const waiting = { say: bar.say, signal: services.signal };
  const target =
    url === undefined ? await ownStore(services, dataDir) : overHttp(new JobClient(url), waiting);
  const options = { format, columns, names: { workload, client }, onProgress: bar.show };
  const summary = await importLogFile(file, target, options).finally(() => bar.clear());
  for (const line of importSummary(file, summary)) console.log(line);
  for (const { clientId, workloadId, records } of requireRecords(summary))
    console.log(`${clientId} / ${workloadId}: ${records} records`);
}

async function ownStore(services: Services, dataDir: string): Promise<Pick<LogStore, 'append'>> {
  const config = loadConfig({ file: configFile('config'), env: process.env, dataDir: resolve(dataDir) });
  try {
    return (await startStores(services, config)).logs;
  } catch (error) {
    services.signal.throwIfAborted();
    throw new Problem(
      `${describe(error)} A gateway that runs takes the file too: --url http://127.0.0.1:8000`,
    );
  }
}

const overHttp = (gateway: JobClient, waiting: Waiting): Pick<LogStore, 'append'> => ({
  append: (records) => gateway.appendLogs(records.map(withLongNumbers).join('\n'), waiting),
});
