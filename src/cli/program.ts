import { Command } from 'commander';
import { ownVersion } from '../own-version.js';
import { configCommand } from './commands/config.js';
import { datasetsCommand } from './commands/datasets.js';
import { demoCommand } from './commands/demo.js';
import { gatewayCommand } from './commands/gateway.js';
import { importCommand } from './commands/import.js';
import { nemoLocalCommand } from './commands/nemo-local.js';
import { proxyCommand } from './commands/proxy.js';
import { runCommand } from './commands/run.js';
import { simulateCommand } from './commands/simulate.js';
import { upCommand } from './commands/up.js';
import { watchCommand } from './commands/watch.js';
import { workerCommand } from './commands/worker.js';

/** The command line; `signal` is aborted by Ctrl-C. */
export function createProgram(signal: AbortSignal): Command {
  const program = new Command('flywheel')
    .description(
      "Finds, or trains, the cheaper model that does your LLM workload's job as well.\n" +
        'Begin with `flywheel demo`; keep everything running with `flywheel up`.',
    )
    .version(ownVersion(), '--version', 'print the version')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride();
  const commands = [
    demoCommand,
    upCommand,
    simulateCommand,
    importCommand,
    datasetsCommand,
    runCommand,
    watchCommand,
    workerCommand,
    gatewayCommand,
    proxyCommand,
    nemoLocalCommand,
    configCommand,
  ];
  for (const command of commands) program.addCommand(command(signal).exitOverride());
  return program;
}

/** Adds an example to a command's help. */
export const withExample = (command: Command, ...lines: string[]): Command =>
  command.addHelpText('after', `\nExample:\n${lines.map((line) => `  ${line}`).join('\n')}`);
