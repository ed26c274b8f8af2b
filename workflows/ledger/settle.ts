import { closeLease, noteIdle, openLease } from './leasing.js';
import { answer } from './outbox.js';
import {
  capacityOf,
  gpusInUse,
  leaseOf,
  modelsOf,
  sizeOf,
  trainingOf,
  usersByModel,
  type Context,
  type Ledger,
} from './state.js';

/** What the pool does after every message, until nothing changes: refuse, grant, ask for GPUs back. */
export function settle(ledger: Ledger, context: Context): void {
  while (serveQueue(ledger, context)) noteHead(ledger, context);
  noteHead(ledger, context);
  noteIdle(ledger, context);
  reclaimIdle(ledger);
}

/** One walk through the queue; whether it changed anything. */
function serveQueue(ledger: Ledger, context: Context): boolean {
  const waiting = ledger.queue;
  const still: string[] = [];
  const costs = new Costs(ledger);
  for (const use of waiting) {
    if (costs.sizeOf(use) > capacityOf(ledger)) refuse(ledger, use);
    else if (mayBegin(ledger, use, still, costs, context)) {
      grant(ledger, use, context);
      costs.forget();
    } else still.push(use);
  }
  ledger.queue = still;
  return still.length < waiting.length;
}

/**
 * The head when it fits. Any other only if it needs no further GPU, while the head is patient and nothing is over the
 * capacity.
 */
function mayBegin(ledger: Ledger, use: string, before: string[], costs: Costs, { now }: Context): boolean {
  const cost = costs.of(use);
  if (cost === null) return false;
  const [head] = before;
  if (head === undefined) return costs.inUse() + cost <= capacityOf(ledger);
  return cost === 0 && isPatient(ledger, head, now) && costs.inUse() <= capacityOf(ledger);
}

const isPatient = ({ head, settings }: Ledger, first: string, now: number): boolean =>
  head?.use !== first || now - head.since < settings.patienceMs;

/** What requests cost, each kind of needs reckoned once between two grants: thousands may wait with the same. */
class Costs {
  readonly #ledger: Ledger;
  readonly #sizes = new Map<string, number>();
  #costs = new Map<string, number | null>();
  #inUse: number | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  sizeOf(use: string): number {
    return remembered(this.#sizes, this.#keyOf(use), () => sizeOf(this.#ledger, use));
  }

  /** null: it has to wait for a lease. */
  of(use: string): number | null {
    return remembered(this.#costs, this.#keyOf(use), () => costOf(this.#ledger, use));
  }

  inUse(): number {
    return (this.#inUse ??= gpusInUse(this.#ledger));
  }

  /** A grant changes what all others cost. */
  forget(): void {
    this.#costs = new Map();
    this.#inUse = undefined;
  }

  #keyOf(use: string): string {
    return this.#ledger.uses[use]?.needs ?? '';
  }
}

function remembered<T>(known: Map<string, T>, key: string, reckon: () => T): T {
  let value = known.get(key);
  if (value === undefined) known.set(key, (value = reckon()));
  return value;
}

/** GPUs that a grant would add; null if it has to wait for a lease that is closing or of another spec. */
function costOf(ledger: Ledger, use: string): number | null {
  let cost = trainingOf(ledger, use);
  for (const { model, spec, gpus } of modelsOf(ledger, use)) {
    const lease = leaseOf(ledger, model);
    if (!lease) cost += gpus;
    else if (lease.state === 'closing' || lease.spec !== spec) return null;
  }
  return cost;
}

function grant(ledger: Ledger, use: string, context: Context): void {
  for (const need of modelsOf(ledger, use))
    if (!leaseOf(ledger, need.model)) openLease(ledger, need, 'starting', context);
  const known = ledger.uses[use];
  if (known) known.state = 'held';
  tellIfUp(ledger, use);
}

/** Tells a holder to go, once everything that it was granted is up. */
export function tellIfUp(ledger: Ledger, use: string): void {
  const known = ledger.uses[use];
  if (known?.state !== 'held') return;
  if (!modelsOf(ledger, use).every(({ model }) => leaseOf(ledger, model)?.state === 'serving')) return;
  known.state = 'told';
  answer(ledger, { kind: 'ready', use });
}

function refuse(ledger: Ledger, use: string): void {
  const asked = sizeOf(ledger, use);
  delete ledger.uses[use];
  const reason =
    `${asked} GPUs are needed at once and the pool has ${capacityOf(ledger)}: raise gpu_pool.total_gpus, ` +
    'or lower the gpus of the judge, the candidate or its customizer';
  answer(ledger, { kind: 'refused', use, reason });
}

function noteHead(ledger: Ledger, { now }: Context): void {
  const [use] = ledger.queue;
  if (use === undefined) ledger.head = null;
  else if (ledger.head?.use !== use) ledger.head = { use, since: now };
}

/**
 * Closes idle models, least recently used first, for the head of the queue or because the capacity shrank. Nothing in
 * use is ever taken away, nor what the head needs as it is.
 */
function reclaimIdle(ledger: Ledger): void {
  if (ledger.leases.length === 0) return;
  const users = usersByModel(ledger);
  const idle = () =>
    ledger.leases
      .filter(({ model, state }) => state !== 'closing' && !users.has(model))
      .sort((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
  const [head] = ledger.queue;
  const wanted = head === undefined ? [] : modelsOf(ledger, head);
  const isWantedAsItIs = (model: string, spec: string) =>
    wanted.some((need) => need.model === model && need.spec === spec);

  for (const lease of idle())
    if (wanted.some(({ model, spec }) => model === lease.model && spec !== lease.spec))
      closeLease(ledger, lease);

  const inUse = gpusInUse(ledger);
  let short = inUse - capacityOf(ledger) + (head === undefined ? 0 : missingFor(ledger, head));
  for (const { state, gpus } of ledger.leases) if (state === 'closing') short -= gpus;
  for (const lease of idle()) {
    if (short <= 0) break;
    if (isWantedAsItIs(lease.model, lease.spec) && inUse <= capacityOf(ledger)) continue;
    closeLease(ledger, lease);
    short -= lease.gpus;
  }
}

/** GPUs of the head's request that no lease covers already. */
function missingFor(ledger: Ledger, head: string): number {
  let missing = trainingOf(ledger, head);
  for (const { model, spec, gpus } of modelsOf(ledger, head)) {
    const lease = leaseOf(ledger, model);
    if (!lease || lease.state === 'closing' || lease.spec !== spec) missing += gpus;
  }
  return missing;
}
