import { expect } from 'vitest';
import { servedModelWorkflowId, type PoolAnswer, type PoolMessage } from '../../../src/gpu-pool.js';
import type { Letter } from '../../../workflows/ledger/outbox.js';
import {
  capacityOf,
  gpusInUse,
  leaseOf,
  modelsOf,
  sizeOf,
  trainingOf,
  type Lease,
  type Ledger,
} from '../../../workflows/ledger/state.js';
import type { AnyStage } from './any-steps.js';
import { SETTINGS } from './stage.js';

// What holds after every turn of the pool, reckoned from what it was before and, but for what `state.ts` reads out of a
// ledger, from nothing that the pool reckons with.

const usersOf = (ledger: Ledger, model: string): string[] =>
  Object.keys(ledger.uses).filter(
    (id) =>
      ledger.uses[id]?.state !== 'queued' && modelsOf(ledger, id).some((needed) => needed.model === model),
  );

export function expectSound({ ledger, foreign, restarted }: AnyStage): void {
  const leased = ledger.leases.map((lease) => lease.model);
  expect(new Set(leased).size).toBe(leased.length);
  for (const { lease: id, model, gpus, deployment, idleSince } of ledger.leases) {
    if (!foreign.has(id)) expect(gpus).toBe(deployment.gpus);
    expect(idleSince === null).toBe(usersOf(ledger, model).length > 0);
  }
  // In one go: thousands may wait.
  expect(ledger.queue.filter((use) => sizeOf(ledger, use) > capacityOf(ledger))).toEqual([]);
  const queued = Object.keys(ledger.uses).filter((use) => ledger.uses[use]?.state === 'queued');
  expect(ledger.queue.toSorted()).toEqual(queued.toSorted());
  for (const [id, { state }] of Object.entries(ledger.uses)) {
    if (state !== 'held' && state !== 'told') continue;
    for (const { model: needed, spec } of modelsOf(ledger, id)) {
      const lease = leaseOf(ledger, needed);
      expect(lease?.spec).toBe(spec);
      if (state === 'told' && !restarted.has(lease?.lease ?? '')) expect(lease?.state).toBe('serving');
      expect(lease?.state).not.toBe('closing');
    }
  }
  expectHeadUnserved(ledger);
}

/** The first waits for a lease to go, or for GPUs that are not there. */
function expectHeadUnserved(ledger: Ledger): void {
  const [head] = ledger.queue;
  if (head === undefined) return;
  const needed = modelsOf(ledger, head).map((need) => ({ ...need, lease: leaseOf(ledger, need.model) }));
  if (needed.some(({ lease, spec }) => lease && (lease.state === 'closing' || lease.spec !== spec))) return;
  const missing = needed.filter(({ lease }) => !lease).map(({ gpus }) => gpus);
  const cost = missing.reduce((sum, gpus) => sum + gpus, trainingOf(ledger, head));
  expect(gpusInUse(ledger) + cost).toBeGreaterThan(capacityOf(ledger));
}

/** Facts may go beyond the capacity; no grant lifts what is in use above it. */
export function expectWithinCapacity(before: Ledger, { ledger, restarted }: AnyStage): void {
  const isFact = ({ lease: id, state }: Lease) => state === 'closing' || restarted.has(id);
  const known = (what: string) => leaseOf(before, what)?.gpus ?? 0;
  const facts = youngLeases(before, ledger)
    .filter(isFact)
    .reduce((sum, { model, gpus }) => sum + Math.max(0, gpus - known(model)), 0);
  expect(gpusInUse(ledger)).toBeLessThanOrEqual(Math.max(capacityOf(ledger), gpusInUse(before) + facts));
}

const youngLeases = (before: Ledger, after: Ledger): Lease[] =>
  after.leases.filter((one) => !before.leases.some(({ lease }) => lease === one.lease));

/** Every change is told to whom it concerns, once, and nothing else. */
export function expectTold(before: Ledger, stage: AnyStage): void {
  const { ledger, isAnew } = stage;
  const letters = ledger.outbox.filter(({ id }) => isAnew || id > before.letters);
  expect(letters.map(({ id }) => id)).toEqual(letters.map(({ id }) => id).toSorted((a, b) => a - b));
  const answers = counted(
    letters.map(({ content }) => ('use' in content ? `${content.kind} ${content.use}` : '')),
  );
  const asked = counted(stage.heard.flatMap(askedBy));
  const released = new Set(stage.heard.flatMap(releasedBy));

  const isFull = (ledger.notTaken ?? 0) > (before.notTaken ?? 0);
  const isToldWrongly = (use: string): boolean => {
    const [was, is] = [before.uses[use]?.state, ledger.uses[use]?.state];
    const heard = (kind: PoolAnswer['kind']) => answers.get(`${kind} ${use}`) ?? 0;
    const [ready, failed, refused] = [heard('ready'), heard('failed'), heard('refused')];
    if (is === 'told' && was !== 'told' && ready === 0) return true;
    if (is === 'failed' && was !== 'failed' && failed === 0) return true;
    if ((is === 'queued' || is === 'held') && !released.has(use) && ready + failed > 0) return true;
    // One more for each time that it was asked again.
    if (Math.max(ready, failed) > 1 + (asked.get(use) ?? 0)) return true;
    // Who found the queue full is not there either, and hears nothing.
    const isGone = isMissing(before, stage, use);
    return isGone && isFull ? refused > 1 : refused !== Number(isGone);
  };
  const concerned = new Set([...Object.keys(before.uses), ...asked.keys(), ...Object.keys(ledger.uses)]);
  expect([...concerned].filter(isToldWrongly)).toEqual([]);
  expectServedModelsTold(before, ledger, letters);
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const askedBy = (message: PoolMessage): string[] => (message.kind === 'request' ? [message.use] : []);
const releasedBy = (message: PoolMessage): string[] => (message.kind === 'release' ? [message.use] : []);

/** It is still wanted, and not there. */
const isMissing = (before: Ledger, { ledger, heard, takenBack, isAnew }: AnyStage, use: string): boolean =>
  !ledger.uses[use] &&
  !takenBack.has(use) &&
  !(isAnew && before.uses[use]?.state === 'failed') &&
  !isLetGo(heard, use);

/** Its release is the last word of it. */
const isLetGo = (heard: readonly PoolMessage[], use: string): boolean =>
  heard.findLast((message) => 'use' in message && message.use === use)?.kind === 'release';

function expectServedModelsTold(before: Ledger, after: Ledger, letters: readonly Letter[]): void {
  for (const { lease: id, model, state } of after.leases) {
    const was = before.leases.find(({ lease }) => lease === id);
    const told = letters.filter(({ to }) => to === servedModelWorkflowId(model, id));
    const words = told.map(({ content }) =>
      content.kind === 'start' && content.closing ? 'start closing' : content.kind,
    );
    if (!was && state !== 'closing') expect(words).toEqual(['start']);
    else if (!was) expect([['start closing'], ['start', 'close']]).toContainEqual(words);
    else if (state !== 'closing') expect(words).toEqual([]);
    else if (was.state !== 'closing') expect(words).toEqual(['close']);
    // Only where it may not have heard it.
    else expect([[], ['close']]).toContainEqual(words);
  }
}

/** First come, first served; whoever passes needs no further GPU, while the first is patient. */
export function expectInTurn(before: Ledger, stage: AnyStage): void {
  const { ledger, heard, isAnew } = stage;
  if (isAnew) return;
  const released = new Set(heard.flatMap(releasedBy));
  const young = heard.flatMap(askedBy).filter((use) => !before.uses[use]);
  const order = [...new Set([...before.queue, ...young])].filter((use) => !released.has(use));
  const left = new Set(ledger.queue.filter((use) => !released.has(use)));
  expect([...left]).toEqual(order.filter((use) => left.has(use)));

  const [head] = ledger.queue;
  if (head === undefined || !left.has(head)) return;
  const passed = order.slice(order.indexOf(head)).filter((use) => {
    const state = ledger.uses[use]?.state;
    return state === 'held' || state === 'told';
  });
  if (passed.length === 0) return;
  const { since } = before.head?.use === head ? before.head : { since: stage.now };
  expect(stage.now - since).toBeLessThan(SETTINGS.patienceMs);
  expect(gpusInUse(ledger)).toBeLessThanOrEqual(capacityOf(ledger));
  for (const use of passed) expect(trainingOf(ledger, use)).toBe(0);
  const opened = youngLeases(before, ledger).filter(({ state }) => state !== 'closing');
  for (const { model } of opened)
    expect(usersOf(ledger, model).filter((use) => !passed.includes(use))).not.toEqual([]);
}

/** Nothing in use is closed, nor is a model that was used later than one that stays. */
export function expectClosedInOrder(before: Ledger, { ledger }: AnyStage): void {
  const [head] = ledger.queue;
  const wanted = head === undefined ? [] : modelsOf(ledger, head);
  const isWanted = ({ model, spec }: Lease, asItIs: boolean) =>
    wanted.some((need) => need.model === model && (need.spec === spec) === asItIs);
  const closed = ledger.leases.filter(
    ({ lease: id, state }) =>
      state === 'closing' && before.leases.some((was) => was.lease === id && was.state !== 'closing'),
  );
  const idle = ledger.leases.filter(({ state, idleSince }) => state !== 'closing' && idleSince !== null);
  for (const lease of closed) {
    expect(usersOf(ledger, lease.model)).toEqual([]);
    if (isWanted(lease, false)) continue;
    for (const kept of idle.filter((one) => !isWanted(one, true)))
      expect(kept.idleSince).toBeGreaterThanOrEqual(lease.idleSince ?? 0);
  }
}
