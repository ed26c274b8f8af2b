import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { PARTS } from './parts.js';

// npm run chaos -- --kills N --seed N --users N --part P: the test beside this file, with more kills than in the default
// run, others, more runs at once, or of one part alone.

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    users: { type: 'string', default: '3' },
    part: { type: 'string' },
  },
});
const { part, ...numbers } = values;
for (const [name, value] of Object.entries(numbers)) {
  if (!/^\d+$/.test(value)) throw new Error(`--${name} ${value} is no whole number`);
  process.env[name.toUpperCase()] = value;
}
if (part !== undefined && !PARTS.some((one) => one === part))
  throw new Error(`--part ${part} is none of ${PARTS.join(', ')}`);
if (part !== undefined) process.env['PART'] = part;
const vitest = await startVitest('test', ['test/chaos/chaos.test.ts'], { watch: false });
await vitest.close();
