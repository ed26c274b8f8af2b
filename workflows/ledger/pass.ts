import { holderOf, servedModelWorkflowId } from '../../src/gpu-pool.js';
import { forgetUse } from './deliver.js';
import { restartLease } from './leasing.js';
import { isStartPending, sendClose } from './outbox.js';
import { settle } from './settle.js';
import { trainingOf, type Context, type Lease, type Ledger } from './state.js';

// Pure: the liveness pass. Who was terminated says nothing any more, so the pool looks.

/** Whom to look at. What is seen of them is applied to these uses and leases only: others may be younger. */
export interface Roll {
  uses: string[];
  /** Lease by the workflow id of its served model. */
  leases: Record<string, string>;
}

export interface Sighting {
  /** `gone`: closed for longer than the grace, or not known at all. `unknown`: no answer, or closed only lately. */
  state: 'open' | 'gone' | 'unknown';
  /** Of an open holder that answers: the uses that it lists. */
  held?: string[];
}

/** Everybody, or some holders alone. */
export function callRoll(ledger: Ledger, holders?: ReadonlySet<string>): Roll {
  const uses = Object.keys(ledger.uses).filter((use) => holders?.has(holderOf(use)) ?? true);
  const started =
    holders === undefined ? ledger.leases.filter((lease) => !isStartPending(ledger, lease)) : [];
  const leases = started.map((lease) => [servedModelWorkflowId(lease.model, lease.lease), lease.lease]);
  return { uses, leases: Object.fromEntries(leases) as Record<string, string> };
}

export const whoToLookAt = ({ uses, leases }: Roll): string[] => [
  ...new Set([...uses.map(holderOf), ...Object.keys(leases)]),
];

/** A use that nobody has any more, and whether jobs of it may still run. */
export interface LostUse {
  use: string;
  /** GPUs of a training, whose job has to be stopped before they are given away. */
  isTraining: boolean;
  /** Its holder is gone, so its evaluations are nobody's either. */
  isHolderGone: boolean;
}

/** Uses of the roll whose holder is gone, or open and does not list them. */
export function lostUses(ledger: Ledger, { uses }: Roll, seen: Record<string, Sighting>): LostUse[] {
  return uses.flatMap((use) => {
    const holder = seen[holderOf(use)];
    const isHolderGone = holder?.state === 'gone';
    const isUnlisted = holder?.state === 'open' && holder.held !== undefined && !holder.held.includes(use);
    if (!ledger.uses[use] || !(isHolderGone || isUnlisted)) return [];
    const isTraining = ledger.uses[use].state !== 'queued' && trainingOf(ledger, use) > 0;
    return [{ use, isTraining, isHolderGone }];
  });
}

/** Forgets a use whose jobs are seen to be stopped. */
export function reclaim(ledger: Ledger, use: string, context: Context): void {
  forgetUse(ledger, use);
  settle(ledger, context);
}

/** Starts the served models again that ended without a word, and repeats what open ones may not have heard. */
export function mendLeases(
  ledger: Ledger,
  { leases }: Roll,
  seen: Record<string, Sighting>,
  context: Context,
): void {
  for (const [workflowId, id] of Object.entries(leases)) {
    const lease = ledger.leases.find((one) => one.lease === id);
    if (lease) mend(ledger, lease, seen[workflowId], context);
  }
  settle(ledger, context);
}

function mend(ledger: Ledger, lease: Lease, seen: Sighting | undefined, context: Context): void {
  if (seen?.state === 'gone') restartLease(ledger, lease, context);
  else if (seen?.state === 'open' && lease.state === 'closing') sendClose(ledger, lease);
}
