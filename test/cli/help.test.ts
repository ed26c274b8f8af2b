import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { flywheel } from '../support/program.js';

const { commands } = createProgram(new AbortController().signal);

test('a command is missing from the program', () => {
  const names = commands.map((command) => command.name());
  expect(names).toEqual(['demo', 'up', 'import', 'run', 'worker', 'gateway', 'nemo-local']);
});

test.each(commands.map((command) => [command.name(), command] as const))(
  'the help of %s lacks an example',
  (_, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
    expect(help).toMatch(/Example:\n.*flywheel/);
  },
);

test.each([
  [['demo', '--seed', 'x'], /--seed.*It must be a whole number from 0/],
  [['nemo-local', '--nim-port', '70000'], /--nim-port.*It must be a port/],
  [['run', '--workload', 'w'], /required option '--client <id>'/],
])('wrong use, %s, is not told as such', async (args, message) => {
  const program = flywheel(args);
  expect(await program.ended()).toBe(2);
  expect(program.output()).toMatch(message);
});
