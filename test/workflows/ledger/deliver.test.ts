import { expect, test } from 'vitest';
import { LONGEST_QUEUE } from '../../../workflows/ledger/deliver.js';
import { pack, unpacked } from '../../../workflows/ledger/pack.js';
import { viewOf } from '../../../workflows/ledger/view.js';
import { poolDetails } from '../../../workflows/pool-details.js';
import { model, models, Stage, training, useOf } from './stage.js';

const JUDGE = model('judge', 2);
const A = model('a');

test('a repeated request is asked twice, or not answered again', () => {
  const stage = new Stage(2);
  stage.request('train', training(2));
  stage.request('waits', training(2));
  stage.request('train', training(2));
  stage.request('waits', training(2));
  expect(stage.sent()).toEqual(['ready train', 'ready train']);
  expect(stage.queue).toEqual(['waits']);
});

test('a deployment that failed is not told to all who use it, or takes the other models of the use with it', () => {
  const stage = new Stage();
  stage.request('one', models(JUDGE, A));
  stage.request('two', models(JUDGE));
  stage.sent();
  stage.freed('judge', 'the image cannot be pulled');
  expect(stage.sent()).toEqual(['failed one', 'failed two']);
  stage.request('one', models(JUDGE, A));
  expect(stage.ledger.outbox).toMatchObject([
    { content: { kind: 'failed', use: useOf('one'), model: 'judge', reason: 'the image cannot be pulled' } },
  ]);
  // It still uses the other model, until it says that it does not.
  expect(stage.lease('a').idleSince).toBeNull();
  stage.release('one');
  expect(stage.lease('a').idleSince).toBe(stage.now);
  // Whoever asks next tries anew.
  stage.sent();
  stage.request('three', models(JUDGE));
  expect(stage.sent()).toEqual(['start judge']);
});

test('a message of an id that is gone frees or grants something', () => {
  const stage = new Stage(2);
  stage.request('one', models(JUDGE));
  const old = stage.lease('judge').lease;
  stage.freed('judge', 'failed');
  stage.release('one');
  stage.request('two', models(JUDGE));
  stage.receive({ kind: 'up', lease: old, foreign: false });
  stage.receive({ kind: 'freed', lease: old, reason: null });
  stage.release('one');
  expect([stage.state('two'), stage.lease('judge').state]).toEqual(['held', 'starting']);
});

test('an orphan is left deployed, or a leased model is taken for one', () => {
  const stage = new Stage(1);
  stage.request('one', models(A));
  stage.receive({ kind: 'orphan', need: A });
  expect(stage.lease('a').state).toBe('starting');
  stage.sent();
  stage.receive({ kind: 'orphan', need: JUDGE });
  expect(stage.sent()).toEqual(['start closing judge']);
  stage.freed('judge');
  expect(stage.ledger.leases).toHaveLength(1);
});

test('what is no use of ours enters the ledger', () => {
  const stage = new Stage();
  stage.receive({ kind: 'request', use: 'constructor', needs: training(1) });
  expect([stage.ledger.uses, stage.ledger.outbox]).toEqual([{}, []]);
});

test('a request that comes when very many wait ends who asked, or is not taken when it comes again', () => {
  const stage = new Stage(1);
  const ask = (name: string) => stage.request(name, training(1));
  ask('holds');
  stage.together(() => {
    for (let i = 0; i < LONGEST_QUEUE; i++) ask(`u${i}`);
  });
  stage.together(() => {
    for (let i = 0; i < 3; i++) ask(`late${i}`);
  });
  expect(stage.queue).toHaveLength(LONGEST_QUEUE);
  expect(stage.sent()).toEqual(['ready holds']);
  expect(viewOf(stage.ledger, false).notTaken).toBe(3);
  expect(poolDetails(viewOf(stage.ledger, false))).toMatch(
    /\n- 3 requests were not taken, as the queue was full/,
  );
  stage.release('u5');
  ask('late2');
  ask('late1');
  expect(stage.queue.at(-1)).toBe('late2');
  expect(stage.sent()).toEqual([]);
  expect(viewOf(unpacked(pack(stage.ledger)), false).notTaken).toBe(4);
});
