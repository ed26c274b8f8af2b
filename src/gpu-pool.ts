/** What holders, the GPU pool and served models say to each other; `docs/gpu-leases.md` says why it is so. */
import type { ManagedDeployment } from './config/run-config.js';
import { modelSlug, shortHash } from './ids.js';

// Runs in the workflow sandbox too.

/** A model that we deploy ourselves, where and how. */
export interface ModelNeed {
  model: string;
  namespace: string;
  deployment: ManagedDeployment;
}

/** All that one step needs at once, granted whole or not at all; a judge that is also the candidate is named once. */
export type Needs = { training: number } | { models: ModelNeed[] };

/** What anybody says to the pool. Each may come late or twice, and none is ordered after another. */
export type PoolMessage =
  | { kind: 'request'; use: string; needs: Needs }
  | { kind: 'release'; use: string }
  /** Ready and listed by the NIM proxy; a foreign one is not ours and counts no GPU. */
  | { kind: 'up'; lease: string; foreign: boolean }
  /** The deployment is seen to be gone; with a reason when that was nobody's wish. */
  | { kind: 'freed'; lease: string; reason: string | null }
  /** A deployment of ours that nobody may know of. */
  | { kind: 'orphan'; need: ModelNeed }
  /** `at`: epoch ms of the moment at which a worker started with these settings; an older one is ignored. */
  | { kind: 'configure'; settings: GpuPoolSettings; at: number }
  /** Be there. */
  | { kind: 'wake' };

/** What the pool says to who asked. */
export type PoolAnswer =
  | { kind: 'ready'; use: string }
  | { kind: 'failed'; use: string; model: string; reason: string }
  | { kind: 'refused'; use: string; reason: string };

/** Section `gpu_pool` of the configuration; times in ms. */
export interface GpuPoolSettings {
  /** null: unlimited. */
  totalGpus: number | null;
  /** How long a model without users stays deployed. */
  idleTtlMs: number;
  /** How long requests that need no further GPU may pass the head of the queue. */
  patienceMs: number;
  /** How often the pool looks at those whom it has granted something. */
  passIntervalMs: number;
  /** After it no activity of a workflow that has closed makes anything any more. */
  graceMs: number;
}

/**
 * So long may a request take that has a deployment or a job made. It is not broken off when its workflow is gone, so the
 * grace has to outlast it.
 */
export const LONGEST_CREATION_MS = 60_000;

/** A use as its holder knows it; the answer of the query `held`. */
export interface HeldUse {
  use: string;
  needs: Needs;
  state: 'waiting' | 'holding';
  /** Epoch ms. */
  askedAt: number;
}

export const LEASE_STATES = ['starting', 'serving', 'closing'] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

/** Who holds GPUs and why, and who waits: the answer of the query `leases`. */
export interface GpuPoolState {
  totalGpus: number | null;
  inUse: number;
  /** A pool without memory asks everybody what they hold before it grants anything. */
  census: boolean;
  models: LeasedModel[];
  trainings: { use: string; gpus: number }[];
  /** In the order in which they are served. */
  queue: { use: string; gpus: number; models: string[]; askedAt: number }[];
  /** Requests that found the queue full; one that is sent again counts again. */
  notTaken: number;
}

export interface LeasedModel {
  lease: string;
  model: string;
  gpus: number;
  state: LeaseState;
  /** Uses that hold it. */
  users: string[];
  /** Epoch ms; null while it is used. */
  idleSince: number | null;
}

/** Tells one way to deploy a model from another: of two specs a model is leased with one at a time. */
export const specOf = ({ namespace, deployment }: ModelNeed): string =>
  shortHash(
    JSON.stringify([namespace, deployment.image, deployment.tag, deployment.gpus, deployment.pvcSize]),
    8,
  );

/** GPUs that a deployment takes; a platform that is told nothing gives one. */
export const gpusOf = ({ deployment }: Pick<ModelNeed, 'deployment'>): number => deployment.gpus ?? 1;

/** `<holder>/<step>/<8 hex digits>`, never used again. */
export const useId = (holder: string, step: string, unique: string): string => `${holder}/${step}/${unique}`;

/** The step of a use that trains. */
export const TRAINING = 'training';

const USE = /^([^/]+)\/([^/]+)\/([0-9a-f]{8})$/;

export const isUse = (text: string): boolean => USE.test(text);

/** The workflow that asked. */
export const holderOf = (use: string): string => USE.exec(use)?.[1] ?? '';
export const stepOf = (use: string): string => USE.exec(use)?.[2] ?? '';

/** First eight digits of a `uuid4()`. */
export const uniqueOf = (uuid: string): string => uuid.slice(0, 8);

/** Of a run, or with a model slug of a candidate. */
const HOLDER = /^flywheel-([0-9a-f]{24})(?:-(.+))?$/;

/** The run that a workflow is, or is a candidate of; null for any other workflow. */
export const runOfHolder = (holder: string): string | null => HOLDER.exec(holder)?.[1] ?? null;

/** The run and the model slug of a candidate's workflow id; null for any other workflow. */
export function candidateOfHolder(holder: string): { runId: string; slug: string } | null {
  const [, runId, slug] = HOLDER.exec(holder) ?? [];
  return runId !== undefined && slug !== undefined ? { runId, slug } : null;
}

/** Named after its lease, so that none is ever started twice. */
export const servedModelWorkflowId = (model: string, lease: string): string =>
  `served-model-${modelSlug(model)}-${lease}`;
