import { log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Leftovers } from '../activities/contract.js';
import type { RetentionConfig } from '../src/config/run-config.js';
import type { SweepInput, Swept } from './contract.js';
import { reasonOf } from './failures.js';
import { patienceOf } from './patience.js';
import { proxies, type Proxies } from './proxies.js';
import { sweepProxies, type SweepProxies } from './sweep-proxies.js';

/**
 * Finds what nobody knows of any more, which nothing else would ever end: stops jobs, removes datasets and models of
 * deleted runs, goes on with deletions that were broken off, closes records of runs that cannot any more, sees that there
 * is a pool, and lets go what is old. It deletes no deployment, but reports it to the pool, which might be granting it at
 * that moment.
 */
export async function sweep(input: SweepInput): Promise<Swept> {
  const { taskQueue } = workflowInfo();
  const sweeping = new Sweeping(input);
  const left = await sweeping.activities.looks.findLeftovers.executeWithOptions(
    { summary: 'look for what is left behind' },
    [{ taskQueue, graceMs: input.graceMs }],
  );
  await sweeping.clear(left);
  // Sweeps of before have no such input: their histories have no such step.
  if (input.retention) await sweeping.expire(input.retention);
  const { swept } = sweeping;
  for (const problem of swept.problems) log.warn(`Left for the next sweep: ${problem}`);
  setCurrentDetails(
    Object.entries(swept)
      .flatMap(([what, names]: [string, string[]]) =>
        names.length > 0 ? [`${what}: ${names.join(', ')}`] : [],
      )
      .join('\n\n') || 'nothing was left behind',
  );
  return swept;
}

class Sweeping {
  readonly activities: SweepProxies;
  readonly swept: Swept = {
    ...{ reported: [], stopped: [], removed: [], resumed: [], closed: [], expired: [] },
    problems: [],
  };
  private readonly messages: Proxies['messages'];
  private readonly input: SweepInput;

  constructor(input: SweepInput) {
    this.input = input;
    this.activities = sweepProxies(input.timing);
    this.messages = proxies(input.timing).messages;
  }

  /** Each thing by itself: one that cannot be removed keeps none of the others. */
  async clear({
    pool,
    deployments,
    trainings,
    evaluations,
    datasets,
    models,
    deletions,
    unclosed,
  }: Leftovers): Promise<void> {
    const { taskQueue } = workflowInfo();
    const { graceMs, timing } = this.input;
    const { stops, removals } = this.activities;
    const patience = patienceOf(timing, 'customization');
    const { reported, stopped, removed, resumed, closed } = this.swept;
    const wake = () => this.messages.tellPool({ taskQueue, message: { kind: 'wake' } });
    await Promise.all([
      ...(pool === 'none' ? [this.deal('gpu-pool', [], wake)] : []),
      ...deployments.map((need) =>
        this.deal(need.model, reported, () =>
          this.messages.tellPool({ taskQueue, message: { kind: 'orphan', need } }),
        ),
      ),
      ...trainings.map((use) => this.deal(use, stopped, () => stops.stopCustomization({ use, patience }))),
      ...evaluations.map((ref) =>
        this.deal(`${ref.runId}/${ref.candidate}/${ref.kind}`, stopped, () =>
          stops.stopEvaluation({ ...ref, patience }),
        ),
      ),
      ...datasets.map((dataset) =>
        this.deal(dataset.name, removed, () => removals.removeDataset({ dataset })),
      ),
      ...models.map((model) => this.deal(model, removed, () => removals.removeModel({ model }))),
      ...deletions.map((runId) =>
        this.deal(runId, resumed, () => removals.resumeDeletion({ taskQueue, runId })),
      ),
      ...unclosed.map((runId) =>
        this.deal(runId, closed, () => removals.closeRecord({ taskQueue, graceMs, runId })),
      ),
    ]);
  }

  async expire({ logsMs, runsMs }: RetentionConfig): Promise<void> {
    const { taskQueue } = workflowInfo();
    const { expiries } = this.activities;
    if (logsMs !== null) await this.age('log records', () => expiries.expireRecords({ olderThanMs: logsMs }));
    if (runsMs !== null)
      await this.age('runs', () => expiries.expireRuns({ taskQueue, olderThanMs: runsMs }));
  }

  private async age(what: string, how: () => Promise<string[]>): Promise<void> {
    try {
      this.swept.expired.push(...(await how()));
    } catch (error) {
      this.swept.problems.push(`old ${what}: ${reasonOf(error)}`);
    }
  }

  private async deal(what: string, done: string[], how: () => Promise<void>): Promise<void> {
    try {
      await how();
      done.push(what);
    } catch (error) {
      this.swept.problems.push(`${what}: ${reasonOf(error)}`);
    }
  }
}
