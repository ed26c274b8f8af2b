import { Command } from 'commander';
import { ownVersion } from '../own-version.js';

type CreateCommand = (signal: AbortSignal) => Command;

interface Listed {
  description: string;
  read: () => Promise<CreateCommand>;
}

/** In the order of the help. A command is read when it is named: all of them are some 1,500 files. */
const COMMANDS: Record<string, Listed> = {
  demo: {
    description: 'run the whole flywheel once on this machine: no GPU, no key, nothing left behind',
    read: async () => (await import('./commands/demo.js')).demoCommand,
  },
  up: {
    description: 'keep everything serving: gateway on 8000 (PORT), Temporal on 7233, its UI on 8233',
    read: async () => (await import('./commands/up.js')).upCommand,
  },
  simulate: {
    description: "write the logs of a simulated shop's service agent, that calls tools, as JSON lines",
    read: async () => (await import('./commands/simulate.js')).simulateCommand,
  },
  import: {
    description: 'import a log file: JSON lines, a JSON document, CSV or Parquet; docs/importing-logs.md',
    read: async () => (await import('./commands/import.js')).importCommand,
  },
  datasets: {
    description: 'build the datasets of a workload into a folder, and say what became of each record',
    read: async () => (await import('./commands/datasets.js')).datasetsCommand,
  },
  run: {
    description: 'start a job and follow it; ends with 0 completed, 1 failed, 2 wrong use, 130 cancelled',
    read: async () => (await import('./commands/run.js')).runCommand,
  },
  watch: {
    description: 'follow a job to its end; ends with 0 completed, 1 failed, 2 wrong use, 130 cancelled',
    read: async () => (await import('./commands/watch.js')).watchCommand,
  },
  worker: {
    description: 'run a worker against your own Temporal, Elasticsearch and NeMo',
    read: async () => (await import('./commands/worker.js')).workerCommand,
  },
  gateway: {
    description: 'serve the HTTP API against your own Temporal, Elasticsearch and NeMo',
    read: async () => (await import('./commands/gateway.js')).gatewayCommand,
  },
  proxy: {
    description: 'pass OpenAI requests on to an API, and log requests and answers; docs/logging-traffic.md',
    read: async () => (await import('./commands/proxy.js')).proxyCommand,
  },
  'nemo-local': {
    description: 'serve the stand-in for NeMo Microservices: tiny models that really learn',
    read: async () => (await import('./commands/nemo-local.js')).nemoLocalCommand,
  },
  config: {
    description: 'look at a configuration',
    read: async () => (await import('./commands/config.js')).configCommand,
  },
};

export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/**
 * The command line; `signal` is aborted by Ctrl-C. Of commands that are none of `words` it knows name and description
 * alone.
 */
export async function createProgram(
  signal: AbortSignal,
  words: readonly string[] = COMMAND_NAMES,
): Promise<Command> {
  const program = new Command('flywheel')
    .description(
      "Finds, or trains, the cheaper model that does your LLM workload's job as well.\n" +
        'Begin with `flywheel demo`; keep everything running with `flywheel up`.',
    )
    .version(ownVersion(), '--version', 'print the version')
    .helpCommand('help [command]', 'print the help of a command')
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride();
  for (const [name, { description, read }] of Object.entries(COMMANDS)) {
    const command = words.includes(name) ? (await read())(signal) : new Command(name);
    program.addCommand(command.description(description).exitOverride());
  }
  return program;
}
