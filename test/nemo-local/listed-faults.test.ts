import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { aTraining, admin, anEvaluation } from '../support/local-jobs.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aPlatform,
  get,
  overJob,
  post,
} from '../support/local-platform.js';
import { trainingRows } from '../support/order-traffic.js';

const deploy = ({ nemoUrl }: NemoLocal, model: string) =>
  post(`${nemoUrl}/v1/deployment/model-deployments`, { name: 'd', namespace: 'test', config: { model } });

test.each([
  ...['fail', 'stuck', 'vanish'].map((kind) => ({ on: 'deployment', kind, match: `${kind}-deploy` })),
  ...['fail', 'hang', 'vanish', 'no-model', 'slow'].map((kind) => ({
    on: 'customization',
    kind,
    match: `${kind}-training`,
  })),
  ...['fail', 'hang', 'vanish', 'no-result'].map((kind) => ({
    on: 'evaluation',
    kind,
    match: `${kind}-evaluation`,
  })),
])('what the name $match asks for is in no list of faults', async (fault) => {
  const platform = await aPlatform();
  const model = `meta/${fault.match}-1b`;
  if (fault.on === 'deployment') await deploy(platform, model);
  if (fault.on === 'customization') await aTraining(platform, { model });
  if (fault.on === 'evaluation') await anEvaluation(platform, model);
  expect(await admin(platform, 'faults')).toEqual({
    armed: [],
    spent: [
      {
        id: expect.any(String),
        askedBy: 'name',
        fault: { ...fault, count: 1 },
        left: 0,
        struck: [
          { at: expect.any(String), what: expect.stringMatching(new RegExp(`^${fault.on} .*${model}`)) },
        ],
      },
    ],
  });
});

test('a model that answers nonsense is in no list of faults, or more than once', async () => {
  const dataDir = await aFolder();
  const first = await aPlatform({ dataDir });
  const model = 'meta/nonsense-3b';
  await aDeployment(first, model);
  expect(await admin(first, 'faults')).toEqual({ armed: [], spent: [] });
  const ask = ({ nimUrl }: NemoLocal) => post(`${nimUrl}/v1/completions`, { model, prompt: ['a', 'b'] });
  await ask(first);
  const listed = {
    askedBy: 'name',
    fault: { on: 'model', kind: 'nonsense' },
    left: 0,
    struck: [{ what: `model ${model}` }],
  };
  const faults = await admin(first, 'faults');
  expect(faults).toMatchObject({ armed: [], spent: [listed] });
  await first.close();
  const second = await aPlatform({ dataDir });
  await ask(second);
  expect(await admin(second, 'faults')).toEqual(faults);
});

const Running = z.object({ steps_completed: z.number().min(1), elapsed_time: z.number() });

test('a customization that was asked to be slow is not, or is in no list of faults', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(40) });
  await post(`${platform.nemoUrl}/admin/faults`, { on: 'customization', kind: 'slow', match: 'tiny' });
  const url = await aTraining(platform, { model: 'meta/tiny-1b' });
  const running = await vi.waitFor(async () => Running.parse((await get(`${url}/status`)).body), PATIENT);
  // 15 s are shared out over 18 steps, and one share is waited before the first; a timer may be a millisecond early.
  expect(running.elapsed_time).toBeGreaterThan(0.99 * (15 / 18));
  expect(await admin(platform, 'faults')).toMatchObject({
    armed: [],
    spent: [{ askedBy: 'admin', fault: { on: 'customization', kind: 'slow', match: 'tiny' } }],
  });
  await post(`${url}/cancel`);
  await overJob(url);
  expect(await overJob(await aTraining(platform, { model: 'meta/other-1b' }))).toMatchObject({
    status: 'completed',
  });
});
