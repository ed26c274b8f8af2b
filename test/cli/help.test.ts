import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { flywheel } from '../support/program.js';

const { commands } = await createProgram(new AbortController().signal);

test('a command is missing from the program', () => {
  const names = commands.map((command) => command.name());
  expect(names).toEqual([
    ...['demo', 'up', 'simulate', 'import', 'datasets', 'run', 'watch', 'worker', 'gateway'],
    ...['proxy', 'nemo-local', 'config'],
  ]);
});

test.each(commands.map((command) => [command.name(), command] as const))(
  'the help of %s lacks an example',
  (_, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => void (help += text) }).outputHelp();
    expect(help).toMatch(/Example:\n.*flywheel/);
  },
);

test('a command that is not named is listed otherwise than one that is', async () => {
  const program = await createProgram(new AbortController().signal);
  const named = await createProgram(new AbortController().signal, []);
  expect(named.helpInformation()).toBe(program.helpInformation());
  // Nothing of it was read.
  expect(named.commands.flatMap(({ options }) => options)).toEqual([]);
});

test('the version is not that of the package', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const program = flywheel(['--version']);
  expect(await program.ended()).toBe(0);
  expect(program.output()).toBe(`${version}\n`);
});

test.each([[['help']], [['help', 'run']], [['run', '--help']]])('%s is no way to the help', async (args) => {
  const program = flywheel(args);
  expect(await program.ended()).toBe(0);
  expect(program.output()).toMatch(
    args.includes('run') ? /Usage: flywheel run/ : /Usage: flywheel .*command/,
  );
});

test.each([
  [['demo', '--seed', 'x'], /--seed.*It must be a whole number from 0/],
  [['nemo-local', '--nim-port', '70000'], /--nim-port.*It must be a port/],
  [
    ['run', '--workload', 'w', '--client', 'c', '--url', 'nonsense'],
    /--url.*It must be an address like http:/,
  ],
  [['import', 'logs.jsonl', '--url', 'ftp://host'], /--url.*It must be an address like http:/],
  [['watch', 'x', '--url', 'http://me:pw@host'], /--url.*It must hold no name.*FLYWHEEL_API_KEY/],
  [['run', '--workload', 'w'], /required option '--client <id>'/],
])('wrong use, %s, is not told as such', async (args, message) => {
  const program = flywheel(args);
  expect(await program.ended()).toBe(2);
  expect(program.output()).toMatch(message);
});

test('nemo-local opens other ports than its help and the documentation say, or learns by another seed', async () => {
  const command = commands.find((one) => one.name() === 'nemo-local');
  expect(command?.opts()).toMatchObject({
    nemoPort: 8100,
    nimPort: 8101,
    datastorePort: 8102,
    timeScale: 0,
    seed: 1,
    data: '.flywheel/nemo-local',
  });
  const help = command?.helpInformation();
  const manual = await readFile('docs/nemo-local.md', 'utf8');
  for (const [option, port] of Object.entries({ nemo: 8100, nim: 8101, datastore: 8102 })) {
    expect(help).toMatch(new RegExp(`--${option}-port <port> [^-]*\\(default: ${port}\\)`));
    expect(manual).toMatch(new RegExp(`\\| ${port} +\\| .--${option}-port`));
  }
});
