import type { LoadedConfig } from '../config/types.js';
import type { DatasetServices } from '../datasets/index.js';
import { importLogFile } from '../importer/index.js';
import { ScratchLogs } from '../stores/scratch-logs.js';
import type { FileFlags } from './import-options.js';
import { chooseWorkload, importSummary, type WorkloadChoice } from './imported-workload.js';
import { startStores } from './parts.js';
import { describe, Problem, WRONG_USE } from './problem.js';
import type { Services } from './services.js';
import { requireReadable } from './user-files.js';

/** Where records come from, and which of them are meant. */
export type DatasetSource = Pick<DatasetServices, 'logs'> & { workloadId: string; clientId: string };

export interface LogFileFlags extends WorkloadChoice, FileFlags {}

/** The store that is set up here. */
export async function openStore(
  { workload, client }: WorkloadChoice,
  config: LoadedConfig,
  services: Services,
): Promise<DatasetSource> {
  if (workload === undefined || client === undefined)
    throw new Problem('--workload and --client are needed, or --logs with a log file.', WRONG_USE);
  try {
    const { logs } = await startStores(services, config);
    return { logs, workloadId: workload, clientId: client };
  } catch (error) {
    services.signal.throwIfAborted();
    throw new Problem(
      `${describe(error)} While a gateway runs on it, POST /api/datasets/preview shows the same; a log file can be read ` +
        'with --logs.',
    );
  }
}

/** A log file, through files in `folder`: no store is needed. */
export async function readLogs(
  file: string,
  { format, columns, ...choice }: LogFileFlags,
  folder: string,
  signal: AbortSignal,
): Promise<DatasetSource> {
  await requireReadable(file);
  const logs = new ScratchLogs(folder);
  const append: ScratchLogs['append'] = (records) => {
    signal.throwIfAborted();
    return logs.append(records);
  };
  const summary = await importLogFile(file, { append }, { names: choice, format, columns });
  for (const line of importSummary(file, summary)) console.log(line);
  return { logs, ...chooseWorkload(summary, choice) };
}
