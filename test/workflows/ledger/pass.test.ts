import { expect, test } from 'vitest';
import { holderOf, servedModelWorkflowId } from '../../../src/gpu-pool.js';
import { enterCensus } from '../../../workflows/ledger/census.js';
import {
  callRoll,
  lostUses,
  mendLeases,
  reclaim,
  whoToLookAt,
  type Sighting,
} from '../../../workflows/ledger/pass.js';
import { gpusInUse } from '../../../workflows/ledger/state.js';
import { model, models, Stage, training, useOf } from './stage.js';

const A = model('a');
const HOLDER = holderOf(useOf('x'));

const seen = (sighting: Sighting) => ({ [HOLDER]: sighting });

test.each<[string, Sighting, string[]]>([
  ['is gone', { state: 'gone' }, ['train', 'eval']],
  ['is open and lists one of them', { state: 'open', held: [useOf('train')] }, ['eval']],
  ['is open and does not answer', { state: 'open' }, []],
  ['closed only lately', { state: 'unknown' }, []],
])('uses of a holder that %s are kept or lost wrongly', (_, sighting, lost) => {
  const stage = new Stage();
  stage.request('train', training(1));
  stage.request('eval', models(A));
  const found = lostUses(stage.ledger, callRoll(stage.ledger), seen(sighting));
  expect(found.map(({ use }) => use.split('/')[1])).toEqual(lost);
  expect(found.find(({ use }) => use === useOf('train'))?.isTraining ?? true).toBe(true);
});

test('a use that is younger than the look is taken for lost', () => {
  const stage = new Stage();
  const roll = callRoll(stage.ledger);
  stage.request('young', training(1));
  expect(lostUses(stage.ledger, roll, seen({ state: 'gone' }))).toEqual([]);
});

test('GPUs that are reclaimed are not given to who waits', () => {
  const stage = new Stage(1);
  stage.request('train', training(1));
  stage.request('waits', training(1));
  reclaim(stage.ledger, useOf('train'), stage.context);
  expect(stage.state('waits')).toBe('told');
});

test('a served model that ended without a word takes its users with it, or is started under the same id', () => {
  const stage = new Stage();
  stage.request('eval', models(A));
  expect(whoToLookAt(callRoll(stage.ledger))).toEqual([HOLDER]);
  stage.sent();
  stage.up('a');
  const first = stage.lease('a').lease;
  const id = servedModelWorkflowId('a', first);
  expect(whoToLookAt(callRoll(stage.ledger))).toEqual([HOLDER, id]);
  stage.sent();
  mendLeases(stage.ledger, callRoll(stage.ledger), { [id]: { state: 'gone' } }, stage.context);
  expect(stage.sent()).toEqual(['start a']);
  expect(stage.lease('a')).toMatchObject({ state: 'starting' });
  expect(stage.lease('a').lease).not.toBe(first);
  expect(stage.state('eval')).toBe('told');
});

test('a model that others had deployed counts no GPU when its served model begins anew and deploys it', () => {
  const stage = new Stage(4);
  const large = model('a', 4);
  stage.request('eval', models(large));
  stage.up('a', true);
  expect(gpusInUse(stage.ledger)).toBe(0);
  stage.sent();
  const id = servedModelWorkflowId('a', stage.lease('a').lease);
  mendLeases(stage.ledger, callRoll(stage.ledger), { [id]: { state: 'gone' } }, stage.context);
  stage.up('a');
  stage.request('train', training(4));
  expect(gpusInUse(stage.ledger)).toBe(4);
  expect(stage.state('train')).toBe('queued');
});

test('a served model that did not hear that it is to close stays', () => {
  const stage = new Stage(1);
  stage.request('eval', models(A));
  stage.request('train', training(1));
  stage.release('eval');
  stage.sent();
  const id = servedModelWorkflowId('a', stage.lease('a').lease);
  mendLeases(stage.ledger, callRoll(stage.ledger), { [id]: { state: 'open' } }, stage.context);
  expect(stage.sent()).toEqual(['close a']);
  mendLeases(stage.ledger, callRoll(stage.ledger), { [id]: { state: 'gone' } }, stage.context);
  expect(stage.sent()).toEqual(['start closing a']);
});

test('a pool without memory counts GPUs of a model that others have deployed', () => {
  const stage = new Stage(4);
  const served = [
    { lease: 'theirs', need: model('a', 3), state: 'serving' as const, foreign: true },
    { lease: 'ours', need: model('b', 1), state: 'serving' as const, foreign: false },
  ];
  enterCensus(stage.ledger, { uses: [], served, deployments: [], trainings: [] }, stage.context);
  expect(gpusInUse(stage.ledger)).toBe(1);
});

test('a pool without memory closes a model that is in use, or leaves its user without any', () => {
  const stage = new Stage(4);
  const uses = [
    { use: useOf('eval'), needs: models(A, model('gone')), state: 'holding' as const, askedAt: 1 },
  ];
  // Its served model was terminated; that of the other had failed, and nobody was told any more.
  enterCensus(stage.ledger, { uses, served: [], deployments: [A], trainings: [] }, stage.context);
  expect(stage.sent()).toEqual(['start a', 'start gone']);
  stage.freed('gone', 'it failed');
  expect(stage.sent()).toEqual(['failed eval']);
});

test('a pool without memory gives away what is held, or forgets who waits', () => {
  const stage = new Stage(2);
  enterCensus(
    stage.ledger,
    {
      uses: [
        { use: useOf('late'), needs: training(1), state: 'waiting', askedAt: 3 },
        { use: useOf('early'), needs: training(1), state: 'waiting', askedAt: 2 },
        { use: useOf('eval'), needs: models(A), state: 'holding', askedAt: 1 },
        { use: useOf('said-waiting'), needs: training(1), state: 'waiting', askedAt: 1 },
      ],
      served: [{ lease: 'known', need: A, state: 'serving', foreign: false }],
      deployments: [A, model('left')],
      trainings: [{ use: useOf('said-waiting'), gpus: 1 }],
    },
    stage.context,
  );
  // Its job runs: that is stronger than its word.
  expect(stage.state('said-waiting')).toBe('told');
  expect(stage.state('eval')).toBe('told');
  expect(stage.queue).toEqual(['early', 'late']);
  expect(stage.ledger.leases).toMatchObject([
    { model: 'a', lease: 'known', state: 'serving' },
    { model: 'left', state: 'closing' },
  ]);
  expect(gpusInUse(stage.ledger)).toBe(3);
  expect(stage.sent()).toEqual(['start closing left']);
});
