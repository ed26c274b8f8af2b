import type { GpuPoolState } from '../../src/gpu-pool.js';
import type { UseState } from '../contract.js';
import { gpusInUse, isGranted, modelsOf, sizeOf, trainingOf, usersByModel, type Ledger } from './state.js';

/** Who holds GPUs and why, and who waits. */
export function viewOf(ledger: Ledger, census: boolean): GpuPoolState {
  const users = usersByModel(ledger);
  return {
    totalGpus: ledger.settings.totalGpus,
    inUse: gpusInUse(ledger),
    census,
    models: ledger.leases.map(({ lease, model, gpus, state, idleSince }) => ({
      lease,
      model,
      gpus,
      state,
      users: users.get(model) ?? [],
      idleSince,
    })),
    trainings: Object.entries(ledger.uses).flatMap(([use, known]) => {
      const gpus = isGranted(known) ? trainingOf(ledger, use) : 0;
      return gpus > 0 ? [{ use, gpus }] : [];
    }),
    queue: ledger.queue.map((use) => ({
      use,
      gpus: sizeOf(ledger, use),
      models: modelsOf(ledger, use).map(({ model }) => model),
      askedAt: ledger.uses[use]?.askedAt ?? 0,
    })),
    notTaken: ledger.notTaken ?? 0,
  };
}

/** Whether a use is granted; one that has failed is so until it is released. */
export function stateOfUse({ uses }: Ledger, use: string): UseState {
  const known = uses[use];
  if (!known) return 'unknown';
  return isGranted(known) ? 'granted' : 'waiting';
}
