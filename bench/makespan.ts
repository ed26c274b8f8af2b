// How close runs that share GPUs come to the shortest time possible, and how much longer the blueprint's way would take.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { lowerBound, serialMakespan } from './makespan/bound.js';
import { withInstallation } from './makespan/installation.js';
import { measure } from './makespan/measure.js';
import { SCENARIOS } from './makespan/scenarios.js';
import { chosen } from './support/options.js';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    // Part of the names of those that are to run.
    only: { type: 'string', default: '' },
  },
});

const DEPLOYMENT_SECONDS = 5;
const ADAPTER_SECONDS = 2;
const ANSWER_MS = 1_500;

const names = chosen(
  SCENARIOS.map(({ name }) => name),
  values.only,
);

const scenarios = SCENARIOS.filter(({ name }) => names.includes(name));
const [scenario] = scenarios;
if (scenarios.length > 1) for (const { name } of scenarios) await inItsProcess(name);
else if (scenario)
  await withInstallation(scenario, async (gatewayUrl, nemoUrl) => {
    await slowDown(nemoUrl);
    const { makespan, steps } = await measure(scenario, gatewayUrl, nemoUrl);
    const costs = {
      ...scenario,
      deployment: DEPLOYMENT_SECONDS,
      adapter: ADAPTER_SECONDS,
    };
    const { criticalPath, gpuBound } = lowerBound(steps, costs);
    const ratio = makespan / Math.max(criticalPath, gpuBound);
    const serial = serialMakespan(steps, costs);
    const seconds = (value: number) => `${value.toFixed(1)} s`;
    console.log(
      `${scenario.name}, ${scenario.gpus} GPUs: makespan ${seconds(makespan)}, ${ratio.toFixed(2)} times the lower bound ` +
        `(critical path ${seconds(criticalPath)}, GPU-seconds ÷ GPUs ${seconds(gpuBound)}); ` +
        `serially ${seconds(serial)}, ${(serial / makespan).toFixed(2)} times ours; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    );
  });

/** A process has one runtime of Temporal for good. */
async function inItsProcess(name: string): Promise<void> {
  const [, run = ''] = process.argv;
  const args = [...process.execArgv, run, 'makespan', '--only', name];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  // Ctrl-C reaches both; the child cleans up.
  process.once('SIGINT', () => undefined).once('SIGTERM', () => child.kill('SIGTERM'));
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`${name} did not end well`);
}

/** An answer of a model takes as long as that of a large one, so that evaluations take their time too. */
async function slowDown(nemoUrl: string): Promise<void> {
  const fault = {
    on: 'request',
    service: 'nim',
    path: '/v1/chat/completions',
    kind: 'slow',
    delayMs: ANSWER_MS,
    count: 10_000,
  };
  const body = JSON.stringify(fault);
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${nemoUrl}/admin/faults`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}
