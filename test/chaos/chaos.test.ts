import fc from 'fast-check';
import { expect, inject, test, vi } from 'vitest';
import { Api } from '../support/api.js';
import { deployedByUs, IN_TIME, platformState } from '../support/observe.js';
import { orderLogs } from '../support/order-logs.js';
import { peakOf } from '../gpu-leases/peak.js';
import { leasesOf, madeBy, resultOf } from './audit.js';
import { anInstallation, type Installation, TOTAL_GPUS } from './installation.js';
import { PARTS } from './parts.js';
import { PatientUser } from './user.js';

/** `npm run chaos -- --kills 500 --seed 2`, or `-- --kills 200 --part worker --users 6`, for other forms. */
const KILLS = Number(process.env['KILLS'] ?? 25);
const SEED = Number(process.env['SEED'] ?? 1);
/** So many runs go on at once, always. */
const USERS = Number(process.env['USERS'] ?? 3);
/** What is killed: one part, or each. */
const KILLED = PARTS.filter((part) => part === (process.env['PART'] ?? part));
const CANDIDATES = 2;

vi.setConfig({ testTimeout: 240_000 + KILLS * 30_000 });

/** Which part is killed next, after so many further requests of the program: at any point of what it does. */
const aKill = fc.record({ part: fc.constantFrom(...KILLED), requests: fc.integer({ min: 1, max: 120 }) });

/** Returns the most GPUs that were in use at once, by the platform, each time before it was killed. */
async function killAndStartAgain(installation: Installation): Promise<number[]> {
  const { gate, nemoUrl } = installation;
  const peaks: number[] = [];
  for (const [turn, { part, requests }] of fc.sample(aKill, { numRuns: KILLS, seed: SEED }).entries()) {
    const from = gate.requests.length;
    await expect
      .poll(() => gate.requests.length - from, { ...IN_TIME, interval: 5 })
      .toBeGreaterThan(requests);
    expect(installation.ended()).toEqual([]);
    if (part === 'nemo-local') peaks.push(await peakOf(nemoUrl));
    await installation.kill(part);
    await installation.start(part);
    process.stdout.write(`kill ${turn + 1} of ${KILLS}: ${part} after ${requests} requests\n`);
  }
  return peaks;
}

test('kills of any process at any moment lose a run, repeat a paid step, leave something, or change a result', async ({
  skip,
}) => {
  const elasticsearch = inject('elasticsearch');
  if ('skipped' in elasticsearch) return skip(elasticsearch.skipped);
  const installation = await anInstallation(elasticsearch.url);
  const { url, nemoUrl } = installation;
  for (const part of PARTS) await installation.start(part);
  const api = new Api(url);
  await api.importRecords(orderLogs(30));
  const undisturbed = await new PatientUser(url, 'undisturbed').run(0);
  expect(undisturbed).toMatchObject({ status: 'completed', error: null });
  const made = await madeBy(installation, undisturbed);

  let over = false;
  const killed = killAndStartAgain(installation).finally(() => (over = true));
  const users = Array.from({ length: USERS }, async (_, i) => {
    const user = new PatientUser(url, `user-${i}`);
    const jobs = [];
    while (!over) jobs.push(await user.run(jobs.length));
    return jobs;
  });
  const [jobs, peaks] = await Promise.all([Promise.all(users), killed]);

  const all = [undisturbed, ...jobs.flat()];
  console.log(`${KILLS} kills, seed ${SEED}: ${all.length - 1} runs besides the undisturbed one`);
  const list = await new PatientUser(url, 'auditor').runs();
  expect(list.sort()).toEqual(all.map(({ id }) => id).sort());
  for (const job of all) {
    expect(resultOf(job), job.id).toEqual(resultOf(undisturbed));
    expect(await madeBy(installation, job), job.id).toEqual(made);
  }
  const peak = Math.max(...peaks, await peakOf(nemoUrl));
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThanOrEqual(TOTAL_GPUS);
  await expect.poll(() => deployedByUs(nemoUrl), IN_TIME).toEqual([]);
  await expect
    .poll(async () => (await api.call('GET', '/api/gpu-pool')).body, IN_TIME)
    .toMatchObject({ gpus_in_use: 0, models: [], trainings: [], queue: [] });
  const { customizations, evaluations, datasets, deployments } = (await platformState(nemoUrl)).creations;
  expect(Object.values(customizations)).toEqual(Array(CANDIDATES * all.length).fill(1));
  expect(Object.values(evaluations)).toEqual(Array(3 * CANDIDATES * all.length).fill(1));
  expect(Object.values(datasets)).toEqual(Array(3 * all.length).fill(1));
  // Judge and candidates are shared: a lease deploys its model once, whoever is killed meanwhile.
  const leases = await leasesOf(installation);
  expect(Object.keys(deployments).sort()).toEqual(Object.keys(leases).sort());
  for (const [name, times] of Object.entries(deployments))
    expect(times, name).toBeLessThanOrEqual(leases[name]!);
});
