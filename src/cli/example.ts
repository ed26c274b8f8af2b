import type { Command } from 'commander';

/** Adds an example to a command's help. */
export const withExample = (command: Command, ...lines: string[]): Command =>
  command.addHelpText('after', `\nExample:\n${lines.map((line) => `  ${line}`).join('\n')}`);
