import { resolve } from 'node:path';
import { Command } from 'commander';
import { startNemoLocal } from '../../nemo-local/index.js';
import {
  describeOpenAi,
  readModelChoice,
  withModelOptions,
  withOpenAiKey,
  type ModelFlags,
} from '../model-options.js';
import { withExample } from '../example.js';
import { number, port, wholeNumber } from '../option-values.js';
import { keepServing } from '../with-services.js';

interface NemoLocalFlags extends ModelFlags {
  host: string;
  nemoPort: number;
  nimPort: number;
  datastorePort: number;
  data: string;
  gpus?: number;
  timeScale: number;
  seed: number;
}

/** `flywheel nemo-local`: the stand-in for NeMo Microservices alone. */
export const nemoLocalCommand = (signal: AbortSignal): Command =>
  withExample(
    withModelOptions(
      new Command('nemo-local')
        .option('--nemo-port <port>', 'entity store, deployments, customizer, evaluator', port, 8100)
        .option('--nim-port <port>', 'NIM proxy', port, 8101)
        .option('--datastore-port <port>', 'data store', port, 8102)
        .option('--host <address>', 'where it listens; it asks nobody for a key', '127.0.0.1')
        .option('--data <folder>', 'where uploads, adapters and entities are kept', '.flywheel/nemo-local')
        .option('--gpus <n>', 'simulated GPUs; without it there are always enough', wholeNumber)
        .option(
          '--time-scale <x>',
          '1: deployments and trainings take seconds; 0: as fast as the computation',
          number,
          0,
        )
        .option('--seed <n>', 'seed of trainings that name none', wholeNumber, 1),
    ).action((flags: NemoLocalFlags) => nemoLocal(flags, signal)),
    'flywheel nemo-local --gpus 6 --time-scale 1',
    'flywheel nemo-local --openai-url http://127.0.0.1:11434 --openai-model meta/llama-3.2-3b-instruct=llama3.2',
  );

async function nemoLocal(flags: NemoLocalFlags, signal: AbortSignal): Promise<void> {
  const choice = readModelChoice(flags);
  const models = withOpenAiKey(choice, process.env);
  await keepServing(signal, async (services) => {
    const running = await services.start(
      'nemo-local',
      () =>
        startNemoLocal({
          host: flags.host,
          ports: { nemo: flags.nemoPort, nim: flags.nimPort, dataStore: flags.datastorePort },
          dataDir: resolve(flags.data),
          gpus: flags.gpus ?? null,
          timeScale: flags.timeScale,
          seed: flags.seed,
          ...models,
        }),
      (nemoLocal) => nemoLocal.close(),
    );
    console.log(
      `NEMO_BASE_URL=${running.nemoUrl}\nNIM_BASE_URL=${running.nimUrl}\nDATASTORE_BASE_URL=${running.dataStoreUrl}`,
    );
    // As comments, so that a shell can take what is said for its environment.
    for (const line of describeOpenAi(choice)) console.log(`# ${line}`);
  });
}
