import { Command } from 'commander';
import { type EffectiveValue, inspectConfig } from '../../config/index.js';
import { configFile } from '../built-files.js';
import { withExample } from '../example.js';
import { temporaryData } from '../temporary-data.js';

/** `flywheel config check`: whether a configuration can be used, and what counts. */
export const configCommand = (): Command =>
  withExample(
    new Command('config').addCommand(
      withExample(
        new Command('check')
          .description('say what is wrong with a configuration (status 2), or print every value that counts')
          .argument('[file]', 'configuration; default config/config.yaml')
          .exitOverride()
          .action(check),
        'flywheel config check config.yaml',
      ),
    ),
    'flywheel config check config.yaml',
  );

function check(given: string | undefined): void {
  const file = given ?? configFile('config');
  const { config, values } = inspectConfig({
    file,
    env: process.env,
    dataDir: temporaryData(),
  });
  for (const line of inColumns(values)) console.log(line);
  for (const warning of config.warnings) console.log(`Warning: ${warning}`);
  const count = config.warnings.length;
  console.log(`${file} can be used${count === 0 ? '' : `; ${count} warning${count === 1 ? '' : 's'}`}.`);
}

function inColumns(values: EffectiveValue[]): string[] {
  const widthOf = (column: 'key' | 'value') => Math.max(...values.map((value) => value[column].length));
  const [key, value] = [widthOf('key'), widthOf('value')];
  return values.map((one) => `${one.key.padEnd(key)}  ${one.value.padEnd(value)}  ${one.origin}`);
}
