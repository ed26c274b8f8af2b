import type { HeldUse, LeaseState, ModelNeed } from '../../src/gpu-pool.js';
import { openLease } from './leasing.js';
import { settle } from './settle.js';
import { asLedgerModel, keepNeeds, leaseOf, type Context, type Ledger } from './state.js';

// Pure: what a pool without memory writes down before it grants anything.

/** What an open served model says. */
export interface ServedLease {
  lease: string;
  need: ModelNeed;
  state: LeaseState;
  /** Deployed by others: counts no GPU. */
  foreign: boolean;
}

/** Everybody that is open, what is deployed and what is trained. */
export interface Census {
  uses: HeldUse[];
  served: ServedLease[];
  /** Deployments of ours. */
  deployments: ModelNeed[];
  /** Running customization jobs of ours, by the use after which they are named. */
  trainings: { use: string; gpus: number }[];
}

/**
 * Who holds, holds; who waits is queued, oldest first. What a holder uses without a served model begins again, as in
 * the pass: nothing in use is taken away, and one that is gone is told. Any other deployment without a served model is
 * closed. A running job of ours is evidence, whether its holder is open or not: the pass stops those that nobody lists.
 */
export function enterCensus(ledger: Ledger, census: Census, context: Context): void {
  for (const { lease, need, state, foreign } of census.served) {
    if (leaseOf(ledger, need.model)) continue;
    const model = asLedgerModel(need);
    ledger.leases.push({ ...model, gpus: foreign ? 0 : model.gpus, lease, state, idleSince: null });
  }
  for (const need of census.uses.flatMap(modelsInUse))
    if (!leaseOf(ledger, need.model)) openLease(ledger, asLedgerModel(need), 'starting', context);
  for (const need of census.deployments)
    if (!leaseOf(ledger, need.model)) openLease(ledger, asLedgerModel(need), 'closing', context);

  const asked = new Map(census.uses.map((one) => [one.use, one]));
  for (const { use, gpus } of census.trainings)
    ledger.uses[use] = {
      state: 'told',
      needs: keepNeeds(ledger, asked.get(use)?.needs ?? { training: gpus }),
      askedAt: context.now,
    };
  for (const { use, needs, state, askedAt } of [...census.uses].sort((a, b) => a.askedAt - b.askedAt)) {
    if (ledger.uses[use]) continue;
    ledger.uses[use] = {
      state: state === 'holding' ? 'told' : 'queued',
      needs: keepNeeds(ledger, needs),
      askedAt,
    };
    if (state === 'waiting') ledger.queue.push(use);
  }
  settle(ledger, context);
}

const modelsInUse = ({ state, needs }: HeldUse): readonly ModelNeed[] =>
  state === 'holding' && 'models' in needs ? needs.models : [];
