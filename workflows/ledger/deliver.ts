import { isUse, specOf, type Needs, type PoolMessage } from '../../src/gpu-pool.js';
import { openLease } from './leasing.js';
import { answer } from './outbox.js';
import { settle, tellIfUp } from './settle.js';
import {
  asLedgerModel,
  keepNeeds,
  leaseOf,
  modelsOf,
  type Context,
  type Lease,
  type Ledger,
} from './state.js';

/** So many may wait: the ledger has to pass from one run of the pool to the next. */
export const LONGEST_QUEUE = 4_000;

/**
 * Takes messages and does what follows from them: once for all that have come together, since that is a walk through
 * all that wait. Messages of ids that are not known any more change nothing.
 */
export function receive(ledger: Ledger, messages: readonly PoolMessage[], context: Context): void {
  for (const message of messages) deliver(ledger, message, context);
  settle(ledger, context);
}

function deliver(ledger: Ledger, message: PoolMessage, context: Context): void {
  switch (message.kind) {
    case 'request':
      return request(ledger, message.use, message.needs, context);
    case 'release':
      return forgetUse(ledger, message.use);
    case 'up':
      return up(ledger, message);
    case 'freed':
      return freed(ledger, message);
    case 'orphan': {
      const { need } = message;
      if (leaseOf(ledger, need.model)) return;
      return openLease(ledger, asLedgerModel(need), 'closing', context);
    }
    case 'configure':
      if (message.at >= ledger.settingsAt)
        Object.assign(ledger, { settings: message.settings, settingsAt: message.at });
      return;
    case 'wake':
  }
}

function request(ledger: Ledger, use: string, needs: Needs, { now }: Context): void {
  const known = ledger.uses[use];
  if (known?.state === 'told') answer(ledger, { kind: 'ready', use });
  if (known?.failure) answer(ledger, { kind: 'failed', use, ...known.failure });
  if (known || !isUse(use)) return;
  if (ledger.queue.length >= LONGEST_QUEUE) {
    // Who asked hears nothing, and asks again.
    ledger.notTaken = (ledger.notTaken ?? 0) + 1;
    return;
  }
  const reason = whyNever(needs);
  if (reason !== null) return answer(ledger, { kind: 'refused', use, reason });
  ledger.uses[use] = { state: 'queued', needs: keepNeeds(ledger, needs), askedAt: now };
  ledger.queue.push(use);
}

function whyNever(needs: Needs): string | null {
  if ('training' in needs) return null;
  const specs = new Map<string, string>();
  for (const need of needs.models) {
    const spec = specOf(need);
    if ((specs.get(need.model) ?? spec) !== spec)
      return (
        `${need.model} is asked for with two deployments at once; one model is deployed once: ` +
        'give judge and candidate the same registry_base, tag, gpus and pvc_size'
      );
    specs.set(need.model, spec);
  }
  return null;
}

/** It leaves the queue, or gives up its training GPUs or its share in the models. */
export function forgetUse(ledger: Ledger, use: string): void {
  const known = ledger.uses[use];
  if (!known) return;
  delete ledger.uses[use];
  if (known.state === 'queued') ledger.queue = ledger.queue.filter((waiting) => waiting !== use);
}

const byId = (ledger: Ledger, id: string): Lease | undefined =>
  ledger.leases.find(({ lease }) => lease === id);

function up(ledger: Ledger, { lease: id, foreign }: { lease: string; foreign: boolean }): void {
  const lease = byId(ledger, id);
  if (lease?.state !== 'starting') return;
  lease.state = 'serving';
  if (foreign) lease.gpus = 0;
  for (const use of usesOf(ledger, lease.model)) tellIfUp(ledger, use);
}

function freed(ledger: Ledger, { lease: id, reason }: { lease: string; reason: string | null }): void {
  const lease = byId(ledger, id);
  if (!lease) return;
  const { model } = lease;
  ledger.leases = ledger.leases.filter((one) => one !== lease);
  for (const use of usesOf(ledger, model)) {
    const known = ledger.uses[use];
    if (known?.state !== 'held' && known?.state !== 'told') continue;
    known.state = 'failed';
    known.failure = { model, reason: reason ?? `${model} was closed` };
    answer(ledger, { kind: 'failed', use, ...known.failure });
  }
}

const usesOf = (ledger: Ledger, model: string): string[] =>
  Object.keys(ledger.uses).filter((use) => modelsOf(ledger, use).some((need) => need.model === model));
