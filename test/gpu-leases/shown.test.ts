import { workflowMetadataQuery } from '@temporalio/workflow';
import { expect, test, vi } from 'vitest';
import { servedModelWorkflowId } from '../../src/gpu-pool.js';
import { keywordKey } from '../../src/search-attributes.js';
import { Gate } from '../support/gate.js';
import { IN_TIME } from '../support/observe.js';
import { activitiesOf } from '../support/shown-activities.js';
import { aHolder, aModel, aWorldOfHolders, expectTidy, poolOf, stateOf, waiting } from './holders.js';

vi.setConfig({ testTimeout: 180_000 });

const MODEL = 'stand-in/tiny-1b';

test('who holds GPUs, why, and who waits is not seen by the API or in the Temporal UI', async () => {
  const gate = new Gate();
  const world = await aWorldOfHolders({ gate, gpuPool: { totalGpus: 3, idleTtlMs: 600_000 } });
  const user = await aHolder(world, { models: [aModel(MODEL)] });
  const trainer = await aHolder(world, { training: 2 });
  for (const holder of [user, trainer]) await holder.holds();
  const waits = await aHolder(world, { training: 3 });
  await waiting(world, 1);

  const { status, body } = await world.api.call('GET', '/api/gpu-pool');
  const job = ({ id }: { id: string }) => ({ workflow_id: id, step: 'work', job_id: id.split('-')[1] });
  const [lease] = (await stateOf(world)).models;
  const served = servedModelWorkflowId(MODEL, lease?.lease ?? '');
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      total_gpus: 3,
      gpus_in_use: 3,
      census: false,
      census_problem: null,
      models: [
        {
          model: MODEL,
          gpus: 1,
          state: 'serving',
          workflow_id: served,
          users: [job(user)],
          idle_since: null,
        },
      ],
      trainings: [{ ...job(trainer), gpus: 2 }],
      queue: [{ ...job(waits), gpus: 3, models: [], waiting_since: expect.stringMatching(/^\d{4}-.*\d$/) }],
      requests_not_taken: 0,
    },
  });

  const details = async () => (await poolOf(world).query(workflowMetadataQuery)).currentDetails ?? '';
  expect((await details()).split('\n')).toEqual([
    '**3 of 3 GPUs in use**',
    '',
    `- ${MODEL}: 1 GPUs, serving for ${user.id} (work)`,
    `- training: 2 GPUs for ${trainer.id} (work)`,
    `- waits for 3 GPUs: ${waits.id} (work)`,
  ]);
  const handle = world.client.workflow.getHandle(served);
  expect((await handle.query(workflowMetadataQuery)).currentDetails).toContain(
    `**${MODEL}**: serving, ready`,
  );
  expect((await handle.describe()).typedSearchAttributes.get(keywordKey('FlywheelModel'))).toBe(MODEL);

  const removal = gate.hold(/^DELETE .*\/model-deployments\//);
  await user.letGo();
  await expect.poll(details, IN_TIME).toMatch(/idle since|closing/);
  removal.open();
  await trainer.letGo();
  await waits.holds();
  await waits.letGo();
  await expectTidy(world);
  expect((await activitiesOf(handle)).map(({ summary }) => summary)).toEqual([
    `deploy ${MODEL}`,
    `watch ${MODEL}`,
    `undeploy ${MODEL}`,
  ]);
});

test('an installation without a pool looks as if nobody held anything', async () => {
  const world = await aWorldOfHolders();
  await poolOf(world).cancel();
  await poolOf(world).result();
  expect(await world.api.call('GET', '/api/gpu-pool')).toMatchObject({
    status: 503,
    body: { detail: expect.stringContaining('start one') },
  });
});
