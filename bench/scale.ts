// How many runs at once one worker process and Temporal's development server carry, and how soon runs react and stop.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { CANCEL_OPTIONS, measureCancels } from './scale/cancels.js';
import { withInstallation } from './scale/installation.js';
import { measureLoad, MODELS } from './scale/load.js';
import { usageOf, warningsOf, type Part } from './scale/parts.js';
import { inSeconds, quantile } from './scale/quantile.js';
import { chosen } from './support/options.js';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    runs: { type: 'string', default: '100' },
    /** Requests a second of those who read jobs meanwhile. */
    rate: { type: 'string', default: '100' },
    /** Seconds of each training. */
    training: { type: 'string', default: '0' },
    // Part of the names of those that are to run.
    only: { type: 'string', default: '' },
  },
});
const [runs, rate, trainingSeconds] = [values.runs, values.rate, values.training].map(Number) as [
  number,
  number,
  number,
];

const parts = chosen(['load', 'cancels'], values.only);

if (parts.includes('load'))
  await withInstallation(
    { gpus: null, trainingSeconds, models: MODELS, poll: '2s' },
    async (installation) => {
      const { statuses, errors, readings, events, ...times } = await measureLoad(installation, {
        runs,
        rate,
      });
      const { requests, failed, p50, p99, max, old, ageP99, ageMax } = readings;
      console.log(
        [
          `${runs} runs of ${MODELS.length} candidates: ended ${inWords(statuses)}`,
          ...errors.map((error) => `  ${error}`),
          `  taken ${inSeconds(times.taken)}, all candidates begun ${inSeconds(times.open)}, all ended ${inSeconds(times.ended)}`,
          `  GET /api/jobs/ID at ${rate}/s: ${requests} requests, ${failed} failed, p50 ${p50.toFixed(0)} ms, ` +
            `p99 ${p99.toFixed(0)} ms, at most ${max.toFixed(0)} ms`,
          `  documents that say that they are old: ${old}; age p99 ${ageP99} s, at most ${ageMax} s`,
          `  events: of a candidate at most ${events.candidate}, of the pool ${events.pool} in ${events.pools} runs`,
        ].join('\n'),
      );
      await sayUsage(installation.parts);
    },
  );

if (parts.includes('cancels'))
  await withInstallation(CANCEL_OPTIONS, async (installation) => {
    const { reactions, stopped, dequeued, ended } = await measureCancels(installation);
    for (const [what, seconds] of Object.entries({
      'training over → run knows': reactions,
      'cancel → job stopped': stopped,
      'cancel → out of the queue': dequeued,
      'cancel → run ended': ended,
    }))
      console.log(
        `${what}: p50 ${inSeconds(quantile(seconds, 0.5))}, p95 ${inSeconds(quantile(seconds, 0.95))}, ` +
          `at most ${inSeconds(quantile(seconds, 1))} (${seconds.length})`,
      );
  });

async function sayUsage(parts: readonly Part[]): Promise<void> {
  for (const part of parts) {
    const { cpuSeconds, peakMegabytes } = await usageOf(part);
    console.log(`  ${part.name}: ${cpuSeconds.toFixed(0)} CPU-s, at most ${peakMegabytes.toFixed(0)} MB`);
    for (const warning of await warningsOf(part)) console.log(`    ${warning}`);
  }
  console.log(`  load ${(loadavg()[0] ?? 0).toFixed(1)}`);
}

function inWords(statuses: Record<string, number>): string {
  return Object.entries(statuses)
    .map(([status, count]) => `${count} ${status}`)
    .join(', ');
}
