import { expect, test, vi } from 'vitest';
import type { Activities } from '../../activities/contract.js';
import type { JobDetail } from '../../src/gateway/wire.js';
import { candidateWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import type { Gate } from '../support/gate.js';
import { post } from '../support/local-platform.js';
import { finished, IN_TIME, platformOf } from '../support/observe.js';
import { SMALL, startTrial, TINY, untrained } from '../support/trial-runs.js';
import type { World } from '../support/world.js';
import { stateOf, waiting } from './holders.js';
import { aWorldOfRuns, expectNothingLeft } from './runs.js';

// A run that is ended at an awkward moment, beside one that shares its judge. Each of the two needs 4 + 1 GPUs.

vi.setConfig({ testTimeout: 180_000 });

interface Point {
  totalGpus: number;
  /** Stops the run at that point. */
  hold(gate: Gate, world: World, releases: Releases, other: string): Stop | Promise<Stop>;
}

interface Stop {
  reached: (id: string) => Promise<unknown>;
  open?: () => void;
}

/** What tells the pool that GPUs are given back, which a test may stop. */
class Releases {
  private held: { reach: () => void; opened: Promise<void> } | null = null;

  readonly between = (activities: Activities): Activities => ({
    ...activities,
    tellPool: async (input) => {
      if (input.message.kind === 'release' && this.held) {
        this.held.reach();
        await this.held.opened;
      }
      await activities.tellPool(input);
    },
  });

  hold(): Stop {
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    const reached = new Promise<void>((reach) => (this.held = { reach, opened }));
    return { reached: () => reached, open };
  }
}

const evaluating = (world: World, id: string) =>
  expect.poll(async () => (await platformOf(world.nemoUrl, id)).evaluations.length, IN_TIME).toBe(2);

function held(gate: Gate, matching: RegExp): Stop {
  const { reached, open } = gate.hold(matching);
  return { reached: () => reached, open };
}

/** When all its evaluations are done. */
const LETS_GO = 'lets go';

function expectMeasured({ nims }: JobDetail): void {
  expect(nims).toMatchObject([{ status: 'cancelled', error: 'Flywheel run cancelled' }]);
  const evaluations = nims[0]?.evaluations ?? [];
  expect(evaluations.map(({ eval_type }) => eval_type).sort()).toEqual(['base-eval', 'icl-eval']);
  for (const { status, scores, counts, error } of evaluations) {
    expect({ status, error }).toEqual({ status: 'completed', error: null });
    expect(scores).toMatchObject({ function_name: expect.any(Number), similarity: expect.any(Number) });
    expect(Object.values(counts).every((n) => n > 0)).toBe(true);
  }
}

const POINTS: Record<string, Point> = {
  'waits for GPUs': { totalGpus: 5, hold: (_, world) => ({ reached: () => waiting(world, 1) }) },
  'waits for its model': {
    totalGpus: 6,
    hold: (gate) => held(gate, /^GET .*\/model-deployments\/.*tiny-1b/),
  },
  'is granted GPUs and has not begun': {
    totalGpus: 6,
    // The other may look for its jobs again.
    hold: (gate, _world, _releases, other) =>
      held(gate, new RegExp(`^GET /v1/evaluation/jobs\\?(?!.*${other})`)),
  },
  [LETS_GO]: { totalGpus: 6, hold: (_gate, _world, releases) => releases.hold() },
  evaluates: {
    totalGpus: 6,
    // None of its evaluations ends by itself.
    async hold(_, world) {
      await post(`${world.nemoUrl}/admin/faults`, { on: 'evaluation', kind: 'hang', match: TINY, count: 2 });
      return { reached: (id) => evaluating(world, id) };
    },
  },
};

const WAYS: Record<string, { end: (world: World, id: string) => Promise<unknown>; status: string }> = {
  cancelled: {
    end: async (world, id) => {
      await world.api.call('POST', `/api/jobs/${id}/cancel`);
      const candidate = world.client.workflow.getHandle(candidateWorkflowId(id, TINY));
      const isTold = async () => (await candidate.describe()).raw.workflowExtendedInfo?.cancelRequested;
      await expect.poll(isTold, IN_TIME).toBe(true);
    },
    status: 'cancelled',
  },
  'without its candidate, which is terminated,': {
    end: (world, id) =>
      world.client.workflow.getHandle(candidateWorkflowId(id, TINY)).terminate('a test ends it'),
    status: 'failed',
  },
  terminated: {
    end: (world, id) => world.client.workflow.getHandle(runWorkflowId(id)).terminate('a test ends it'),
    status: 'failed',
  },
};

const cases = Object.keys(WAYS).flatMap((way) => Object.keys(POINTS).map((point) => [way, point] as const));

test.each(cases)(
  'a run that is %s while it %s leaves something behind, or harms another',
  async (way, point) => {
    const { totalGpus, hold } = POINTS[point]!;
    const { end, status } = WAYS[way]!;
    const releases = new Releases();
    const { gate, ...world } = await aWorldOfRuns({ gpuPool: { totalGpus }, between: releases.between });
    const all = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
    const other = await startTrial(world, { models: [SMALL], configure: untrained });
    await evaluating(world, other);
    // The other's alone: what is ended looks at its own.
    const { evaluations } = await platformOf(world.nemoUrl, other);
    const results = gate.hold(new RegExp(evaluations.map(({ id }) => `^GET .*/${id}`).join('|')));
    all.open();
    const judge = async () => (await stateOf(world)).models.find(({ gpus }) => gpus === 4)?.lease;
    const lease = await judge();

    const stop = await hold(gate, world, releases, other);
    const id = await startTrial(world, { models: [TINY], configure: untrained });
    await stop.reached(id);
    await end(world, id);
    stop.open?.();
    const ended = await finished(world.api, id);
    expect(ended).toMatchObject({ status });
    // What was measured before stays.
    if (way === 'cancelled' && point === LETS_GO) expectMeasured(ended);
    expect(await judge()).toBe(lease);

    results.open();
    const job = await finished(world.api, other);
    expect(job).toMatchObject({ status: 'completed', error: null });
    expect(job.nims).toMatchObject([{ status: 'completed', error: null }]);
    await expectNothingLeft(world);
  },
);
