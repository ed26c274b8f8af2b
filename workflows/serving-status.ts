import type { HeldUse } from '../src/gpu-pool.js';
import type { DeploymentStatus } from '../src/run-record.js';

// Pure: how a model that the pool serves appears to those who use it.

/** What a model is called when the last use of it is over. */
const AFTER_USE: Partial<Record<DeploymentStatus, DeploymentStatus>> = {
  ready: 'completed',
  pending: 'created',
};

/** What a model is called next, given the uses that need it now and what it was called before. */
export function servingStatus(uses: readonly HeldUse[], known: DeploymentStatus): DeploymentStatus {
  if (uses.length === 0) return AFTER_USE[known] ?? known;
  return uses.some(({ state }) => state === 'holding') ? 'ready' : 'pending';
}
