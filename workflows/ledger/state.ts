import {
  gpusOf,
  specOf,
  type GpuPoolSettings,
  type LeaseState,
  type ModelNeed,
  type Needs,
} from '../../src/gpu-pool.js';
import { shortHash } from '../../src/ids.js';
import type { Letter } from './outbox.js';

// Pure: what the pool knows. Functions of this folder change the ledger that they are given.

/** A model that is needed, with what is derived from it once. */
export type LedgerModel = ModelNeed & { spec: string; gpus: number };
type LedgerNeeds = { training: number } | { models: LedgerModel[] };

/** `held`: granted, not all models are up. `told`: the holder knows. `failed`: a model is gone, others may be in use. */
export interface Use {
  state: 'queued' | 'held' | 'told' | 'failed';
  /** Key into `Ledger.needs`. */
  needs: string;
  askedAt: number;
  failure?: { model: string; reason: string };
}

/** A deployment of ours, from before it is asked for until it is seen to be gone. */
export interface Lease extends LedgerModel {
  lease: string;
  state: LeaseState;
  /** Epoch ms since when nobody uses it; null while somebody does. */
  idleSince: number | null;
}

export interface Ledger {
  settings: GpuPoolSettings;
  /** Epoch ms of when a worker started with these settings. */
  settingsAt: number;
  /** Each distinct needs once: thousands of waiting uses share a few of them. */
  needs: Record<string, LedgerNeeds>;
  uses: Record<string, Use>;
  /** First come, first served. */
  queue: string[];
  /** Since when the first in the queue is the first. */
  head: { use: string; since: number } | null;
  leases: Lease[];
  /** Requests that found the queue full; one that is sent again counts again. Absent: none. */
  notTaken?: number;
  outbox: Letter[];
  letters: number;
  /** Epoch ms of the last liveness pass. */
  lookedAt: number;
}

/** What a change of the ledger takes from outside. */
export interface Context {
  /** Epoch ms. */
  now: number;
  /** Eight hex digits, never the same again. */
  newId: () => string;
}

export const newLedger = (settings: GpuPoolSettings): Ledger => ({
  settings,
  settingsAt: 0,
  needs: {},
  uses: {},
  queue: [],
  head: null,
  leases: [],
  outbox: [],
  letters: 0,
  lookedAt: 0,
});

/** Keeps needs under their content, each once, and returns the key. A model that is named twice counts once. */
export function keepNeeds(ledger: Ledger, needs: Needs): string {
  const key = shortHash(JSON.stringify(needs), 8);
  ledger.needs[key] ??= 'training' in needs ? needs : { models: distinct(needs.models).map(asLedgerModel) };
  return key;
}

const distinct = (models: readonly ModelNeed[]): ModelNeed[] => [
  ...new Map(models.map((need) => [need.model, need])).values(),
];

export const asLedgerModel = (need: ModelNeed): LedgerModel => ({
  ...need,
  spec: specOf(need),
  gpus: gpusOf(need),
});

/** Drops needs that nobody has any more. */
export function forgetUnusedNeeds(ledger: Ledger): void {
  const used = new Set(Object.values(ledger.uses).map(({ needs }) => needs));
  ledger.needs = Object.fromEntries(Object.entries(ledger.needs).filter(([key]) => used.has(key)));
}

const NOTHING = { models: [] };
const needsOf = (ledger: Ledger, use: string): LedgerNeeds =>
  ledger.needs[ledger.uses[use]?.needs ?? ''] ?? NOTHING;

export function modelsOf(ledger: Ledger, use: string): readonly LedgerModel[] {
  const needs = needsOf(ledger, use);
  return 'models' in needs ? needs.models : [];
}

/** GPUs of a training; 0 for any other use. */
export function trainingOf(ledger: Ledger, use: string): number {
  const needs = needsOf(ledger, use);
  return 'training' in needs ? needs.training : 0;
}

/** GPUs that a use takes when nothing of it is there yet. */
export const sizeOf = (ledger: Ledger, use: string): number =>
  modelsOf(ledger, use).reduce((sum, { gpus }) => sum + gpus, trainingOf(ledger, use));

export const capacityOf = ({ settings }: Ledger): number => settings.totalGpus ?? Infinity;

export const leaseOf = (ledger: Ledger, model: string): Lease | undefined =>
  ledger.leases.find((lease) => lease.model === model);

export const isGranted = ({ state }: Use): boolean => state !== 'queued';
const holdsTraining = ({ state }: Use): boolean => state === 'held' || state === 'told';

/** GPUs of all model leases in any state, and of all trainings that are granted. */
export function gpusInUse(ledger: Ledger): number {
  let gpus = 0;
  for (const lease of ledger.leases) gpus += lease.gpus;
  for (const [use, known] of Object.entries(ledger.uses))
    if (holdsTraining(known)) gpus += trainingOf(ledger, use);
  return gpus;
}

/** The uses of each model: derived, never stored twice. */
export function usersByModel(ledger: Ledger): Map<string, string[]> {
  const users = new Map<string, string[]>();
  for (const [use, known] of Object.entries(ledger.uses)) {
    if (!isGranted(known)) continue;
    for (const { model } of modelsOf(ledger, use)) {
      const others = users.get(model);
      if (others) others.push(use);
      else users.set(model, [use]);
    }
  }
  return users;
}

export const isEmpty = ({ uses, leases, outbox }: Ledger): boolean =>
  Object.keys(uses).length === 0 && leases.length === 0 && outbox.length === 0;
