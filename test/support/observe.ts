import { expect } from 'vitest';
import type { JobDetail } from '../../src/gateway/wire.js';
import type { Api } from './api.js';

/** Resolves with the job's document once it has ended. */
export async function finished(api: Api, id: string, timeout = 150_000): Promise<JobDetail> {
  await expect.poll(async () => (await api.job(id)).finished_at, { timeout, interval: 200 }).not.toBeNull();
  return await api.job(id);
}

/** What nemo-local says that it holds: the authority on what a run left behind. */
export interface PlatformState {
  deployments: { name: string; status: string }[];
  customizations: { id: string; output_model: string; status: string }[];
  evaluations: { id: string; status: string }[];
  datasets: { name: string }[];
  models: { name: string }[];
}

export async function platformState(nemoUrl: string): Promise<PlatformState> {
  const response = await fetch(`${nemoUrl}/admin/state`);
  return (await response.json()) as PlatformState;
}
