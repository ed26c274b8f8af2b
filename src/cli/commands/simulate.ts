import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import { DEMO_CONVERSATIONS, simulateTraffic } from '../../traffic/index.js';
import { wholeNumber } from '../option-values.js';
import { withExample } from '../example.js';
import { requireWritable } from '../user-files.js';

interface SimulateFlags {
  conversations: number;
  seed: number;
}

/** `flywheel simulate`: logs to try things with, as an application would have written them. */
export const simulateCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('simulate')
      .argument('<file>', 'where to')
      .option('--conversations <n>', 'how many customers', wholeNumber, DEMO_CONVERSATIONS)
      .option('--seed <n>', 'the same seed gives the same logs', wholeNumber, 1)
      .action((file: string, flags: SimulateFlags) => simulate(file, flags, signal)),
    'flywheel simulate traffic.jsonl',
  );

async function simulate(file: string, flags: SimulateFlags, signal: AbortSignal): Promise<void> {
  await requireWritable('the file', file);
  let records = 0;
  function* lines() {
    for (const record of simulateTraffic(flags)) {
      records += 1;
      yield `${JSON.stringify(record)}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file), { signal });
  console.log(`${file}: ${records} log records of ${flags.conversations} conversations`);
}
