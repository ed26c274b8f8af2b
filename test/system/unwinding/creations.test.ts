import { Context } from '@temporalio/activity';
import { expect, test, vi } from 'vitest';
import type { Activities } from '../../../activities/contract.js';
import { stateOf } from '../../gpu-leases/holders.js';
import { aWorldOfRuns } from '../../gpu-leases/runs.js';
import { IN_TIME } from '../../support/observe.js';
import type { World } from '../../support/world.js';
import { aCase, expectEnd, type Case } from './cases.js';

// GPUs are taken away while the platform is still making what runs on them: that has to be seen, and ended, before they
// are free.

vi.setConfig({ testTimeout: 240_000 });

type Making = 'deployModel' | 'runCustomization' | 'runEvaluation';

/** Notes which calls have heard that they are cancelled. */
function hearing() {
  const cancelled: Making[] = [];
  const heard =
    <I, O>(name: Making, act: (input: I) => Promise<O>) =>
    (input: I): Promise<O> => {
      Context.current().cancelled.catch(() => cancelled.push(name));
      return act(input);
    };
  const between = (activities: Activities): Activities => ({
    ...activities,
    deployModel: heard('deployModel', activities.deployModel),
    runCustomization: heard('runCustomization', activities.runCustomization),
    runEvaluation: heard('runEvaluation', activities.runEvaluation),
  });
  return { cancelled, between };
}

async function holdsGpus(world: World, { id, model }: Case): Promise<boolean> {
  const { models, trainings } = await stateOf(world);
  return models.some((lease) => lease.model === model) || trainings.some(({ use }) => use.includes(id));
}

const CASES: [Making, string, RegExp][] = [
  ['deployModel', 'tiny', /^POST \/v1\/deployment\/model-deployments$/],
  ['runCustomization', 'hang-training', /^POST \/v1\/customization\/jobs$/],
  ['runEvaluation', 'hang-evaluation', /^POST \/v1\/evaluation\/jobs$/],
];

test.each(CASES)(
  'what %s of %s has asked for appears when its GPUs are free',
  async (activity, name, asked) => {
    const { cancelled, between } = hearing();
    const world = await aWorldOfRuns({ between, gpuPool: { idleTtlMs: 100 } });
    const given = aCase(world, { name, isTrained: activity === 'runCustomization' });
    const making = world.gate.hold(asked);
    await given.start();
    await making.reached;
    expect((await world.api.call('POST', `/api/jobs/${given.id}/cancel`)).status).toBe(200);
    await expect.poll(() => cancelled, IN_TIME).toContain(activity);
    expect(await holdsGpus(world, given)).toBe(true);
    making.open();
    expect(await expectEnd(world, given)).toMatchObject({ status: 'cancelled' });
    expect(world.gate.abandoned.filter((line) => asked.test(line))).toEqual([]);
  },
);
