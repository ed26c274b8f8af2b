import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';

// npm run chaos -- --kills N --seed N: the test beside this file, with more kills than in the default run, or others.

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' } },
});
for (const [name, value] of Object.entries(values))
  if (!/^\d+$/.test(value)) throw new Error(`--${name} ${value} is no whole number`);

process.env['KILLS'] = values.kills;
process.env['SEED'] = values.seed;
const vitest = await startVitest('test', ['test/chaos/chaos.test.ts'], { watch: false });
await vitest.close();
