import { expect, test } from 'vitest';
import { closeIdle } from '../../../workflows/ledger/leasing.js';
import { gpusInUse } from '../../../workflows/ledger/state.js';
import { model, models, SETTINGS, Stage, training } from './stage.js';

const JUDGE = model('judge', 2);
const A = model('a');
const B = model('b');

test('a request is granted in part, or its holder is told before all of it is up', () => {
  const stage = new Stage(3);
  stage.request('eval', models(JUDGE, A));
  expect(stage.sent()).toEqual(['start judge', 'start a']);
  stage.up('judge');
  expect([stage.state('eval'), stage.sent()]).toEqual(['held', []]);
  stage.up('a');
  expect([stage.state('eval'), stage.sent()]).toEqual(['told', ['ready eval']]);
});

test('a judge and a large training wait for each other', () => {
  const stage = new Stage(3);
  stage.request('one', models(JUDGE, A));
  stage.request('train', training(3));
  // It needs nothing further, and the head is patient.
  stage.request('two', models(JUDGE, A));
  expect(stage.queue).toEqual(['train']);
  stage.release('one');
  stage.release('two');
  expect(stage.state('train')).toBe('queued');
  expect(stage.ledger.leases.map(({ state }) => state)).toEqual(['closing', 'closing']);
  stage.freed('judge');
  stage.freed('a');
  expect(stage.state('train')).toBe('told');
});

test('two judges that do not fit together wait for each other', () => {
  const stage = new Stage(2);
  const [first, second] = [model('judge-1'), model('judge-2')];
  stage.request('one', models(first, A));
  stage.request('two', models(second, B));
  expect([stage.state('one'), stage.state('two')]).toEqual(['held', 'queued']);
  stage.release('one');
  stage.freed('judge-1');
  stage.freed('a');
  expect(stage.state('two')).toBe('held');
});

test('a model that is never idle keeps a training waiting for ever', () => {
  const stage = new Stage(1);
  stage.request('one', models(A));
  stage.request('train', training(1));
  stage.request('two', models(A));
  expect(stage.state('two')).toBe('held');
  stage.now += SETTINGS.patienceMs;
  stage.request('three', models(A));
  expect(stage.state('three')).toBe('queued');
  stage.release('one');
  stage.release('two');
  stage.freed('a');
  expect(stage.state('train')).toBe('told');
  expect(stage.queue).toEqual(['three']);
});

test('patience is counted from the request, not from the moment at which it became the first', () => {
  const stage = new Stage(1);
  stage.request('one', models(A));
  stage.request('first', training(1));
  stage.request('second', training(1));
  stage.now += SETTINGS.patienceMs;
  stage.release('first');
  stage.request('two', models(A));
  expect(stage.state('two')).toBe('held');
});

test('what can never fit waits, or is refused without saying what to change', () => {
  const stage = new Stage(4);
  stage.request('big', training(5));
  const [letter] = stage.ledger.outbox;
  expect(letter?.content).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(/5 GPUs.*has 4.*gpu_pool.total_gpus/),
  });
  stage.request('twice', models(A, model('a', 1, 'other')));
  expect(stage.ledger.outbox[1]?.content).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('two deployments'),
  });
  expect([stage.state('big'), stage.state('twice'), stage.queue]).toEqual([undefined, undefined, []]);
});

test('idle models are closed although nobody needs their GPUs, or the one that was used last goes first', () => {
  const stage = new Stage(3);
  for (const [name, need] of [
    ['one', A],
    ['two', B],
  ] as const) {
    stage.request(name, models(need));
    stage.up(need.model);
  }
  stage.now += 1;
  stage.release('two');
  stage.now += 1;
  stage.release('one');
  expect(stage.ledger.leases.map(({ state }) => state)).toEqual(['serving', 'serving']);
  stage.sent();
  stage.request('train', training(2));
  expect(stage.sent()).toEqual(['close b']);
});

test('an idle model that the first in the queue needs is closed for it', () => {
  const stage = new Stage(3);
  stage.request('one', models(A));
  stage.request('two', models(B));
  stage.release('one');
  stage.release('two');
  stage.sent();
  stage.request('three', models(JUDGE, A));
  expect(stage.sent()).toEqual(['close b']);
});

test('a model is used while it is closing, or with another spec than was asked for', () => {
  const stage = new Stage(4);
  stage.request('one', models(A));
  stage.request('other', models(model('a', 1, 'new')));
  expect(stage.state('other')).toBe('queued');
  stage.release('one');
  expect(stage.lease('a').state).toBe('closing');
  expect(stage.state('other')).toBe('queued');
  stage.freed('a');
  expect(stage.state('other')).toBe('held');
  expect(stage.lease('a').deployment.tag).toBe('new');
});

test('a model without users stays for ever, or goes before its time', () => {
  const stage = new Stage();
  stage.request('one', models(A));
  stage.release('one');
  stage.now += SETTINGS.idleTtlMs - 1;
  closeIdle(stage.ledger, SETTINGS.idleTtlMs, stage.context);
  expect(stage.lease('a').state).toBe('starting');
  stage.now += 1;
  closeIdle(stage.ledger, SETTINGS.idleTtlMs, stage.context);
  expect(stage.lease('a').state).toBe('closing');
});

test('a shrunk capacity takes away what is in use, or lets requests pass beyond it', () => {
  const stage = new Stage(4);
  stage.request('one', models(JUDGE, A));
  stage.request('train', training(1));
  stage.receive({ kind: 'configure', settings: { ...SETTINGS, totalGpus: 1 }, at: 5 });
  expect([stage.state('one'), stage.state('train'), gpusInUse(stage.ledger)]).toEqual(['held', 'told', 4]);
  stage.request('first', training(1));
  stage.request('passes', models(A));
  expect(stage.queue).toEqual(['first', 'passes']);
  stage.request('large', training(2));
  expect(stage.ledger.outbox.at(-1)?.content).toMatchObject({ kind: 'refused' });
  // What an older worker says comes late.
  stage.receive({ kind: 'configure', settings: SETTINGS, at: 4 });
  expect(stage.ledger.settings.totalGpus).toBe(1);
});

test('a deployment that is not ours counts GPUs', () => {
  const stage = new Stage(2);
  stage.request('one', models(JUDGE));
  stage.up('judge', true);
  stage.request('train', training(2));
  expect(stage.state('train')).toBe('told');
});
