import { gpusOf } from '../../src/gpu-pool.js';
import { sendClose, start } from './outbox.js';
import { usersByModel, type Context, type LedgerModel, type Lease, type Ledger } from './state.js';

// Pure: how the lease of a model begins, starts again and is closed. It ends by the word of its served model only.

export function openLease(
  ledger: Ledger,
  need: LedgerModel,
  state: Lease['state'],
  { newId }: Context,
): void {
  const lease: Lease = { ...need, lease: newId(), state, idleSince: null };
  ledger.leases.push(lease);
  start(ledger, lease);
}

export function closeLease(ledger: Ledger, lease: Lease): void {
  lease.state = 'closing';
  sendClose(ledger, lease);
}

/**
 * A served model that ended without a word is started again, under a new id: it adopts or removes the deployment. Where
 * others had deployed the model, theirs may be gone, so its GPUs count again until it is seen to be there.
 */
export function restartLease(ledger: Ledger, lease: Lease, { newId }: Context): void {
  lease.lease = newId();
  lease.gpus = gpusOf(lease);
  if (lease.state !== 'closing') lease.state = 'starting';
  start(ledger, lease);
}

/** Notes since when each model has no user. */
export function noteIdle(ledger: Ledger, { now }: Context): void {
  const users = usersByModel(ledger);
  for (const lease of ledger.leases)
    lease.idleSince = users.has(lease.model) ? null : (lease.idleSince ?? now);
}

/** When the next model without users is to be closed, epoch ms; null when there is none. */
export function nextIdleEnd({ leases }: Ledger, idleTtlMs: number): number | null {
  const ends = leases.flatMap(({ state, idleSince }) =>
    state === 'closing' || idleSince === null ? [] : [idleSince + idleTtlMs],
  );
  return ends.length === 0 ? null : Math.min(...ends);
}

/** Closes the models that nobody has used for so long. */
export function closeIdle(ledger: Ledger, idleTtlMs: number, { now }: Context): void {
  for (const lease of ledger.leases) {
    const { state, idleSince } = lease;
    if (state !== 'closing' && idleSince !== null && now - idleSince >= idleTtlMs) closeLease(ledger, lease);
  }
}
