import { expect, vi } from 'vitest';
import type { JobDetail } from '../../src/gateway/wire.js';
import { runProject } from '../../src/ids.js';
import type { Api } from './api.js';

/** Resolves with the job's document once it has ended. */
export const finished = (api: Api, id: string, timeout = 150_000): Promise<JobDetail> =>
  // Not `expect.poll`, which tests that go on at once cannot use.
  vi.waitFor(
    async () => {
      const job = await api.job(id);
      expect(job.finished_at).not.toBeNull();
      return job;
    },
    { timeout, interval: 200 },
  );

/** For polls on what surely comes: long enough for a busy machine, never waited for otherwise. */
export const IN_TIME = { timeout: 90_000, interval: 50 };

interface Made {
  project?: string | null;
  custom_fields?: Record<string, unknown>;
  created_at?: string;
}

/** What nemo-local says that it holds: the authority on what a run left behind. */
export interface PlatformState {
  deployments: (Made & { name: string; status: string })[];
  customizations: (Made & { id: string; output_model: string; status: string })[];
  evaluations: (Made & { id: string; status: string })[];
  datasets: (Made & { name: string })[];
  models: (Made & { name: string })[];
  repositories: { id: string }[];
}

/** Its simulated GPUs, by who has taken them. */
interface Gpus {
  /** `peak`: the most that were ever in use. */
  gpus: { inUse: number; peak: number; holders: { owner: string; gpus: number }[] };
}

type CreatedKind = 'deployments' | 'customizations' | 'evaluations' | 'datasets';

/** How many of each name were really made, whatever became of them. */
interface Creations {
  creations: Record<CreatedKind, Record<string, number>>;
}

export async function platformState(nemoUrl: string): Promise<PlatformState & Creations & Gpus> {
  const response = await fetch(`${nemoUrl}/admin/state`);
  return (await response.json()) as PlatformState & Creations & Gpus;
}

/** What of it one run has made; deployments are nobody's alone. */
export async function platformOf(
  nemoUrl: string,
  runId: string,
): Promise<Omit<PlatformState, 'deployments'>> {
  const state = await platformState(nemoUrl);
  const project = runProject(runId);
  const made = <T extends Made>(all: T[]) => all.filter((one) => one.project === project);
  return {
    customizations: made(state.customizations),
    evaluations: made(state.evaluations),
    datasets: made(state.datasets),
    models: made(state.models),
    repositories: state.repositories.filter(({ id }) => id.endsWith(runId)),
  };
}

const OVER = ['completed', 'failed', 'cancelled'];

/** Names of what we have deployed. */
export async function deployedByUs(nemoUrl: string): Promise<string[]> {
  const { deployments } = await platformState(nemoUrl);
  const ours = deployments.filter(({ custom_fields }) => custom_fields?.['managed_by'] === 'flywheel');
  return ours.map(({ name }) => name).sort();
}

/** Asserts that a run uses nothing of the platform any more, and that models go after it; its results stay. */
export async function expectAtRest(nemoUrl: string, runId: string): Promise<void> {
  const { customizations, evaluations } = await platformOf(nemoUrl, runId);
  expect([...customizations, ...evaluations].filter(({ status }) => !OVER.includes(status))).toEqual([]);
  await expect.poll(() => deployedByUs(nemoUrl), IN_TIME).toEqual([]);
}
