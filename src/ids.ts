import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

// Runs in the workflow sandbox too: pure JavaScript only, no Node module.

const RUN_ID = /^[0-9a-f]{24}$/;

/** A run id is 24 lower-case hex digits, the form of a MongoDB ObjectId. */
export const isRunId = (text: string): boolean => RUN_ID.test(text);

/** First `digits` hex digits of the text's SHA-256. */
export const shortHash = (text: string, digits: number): string =>
  bytesToHex(sha256(utf8ToBytes(text))).slice(0, digits);

/** Deployment name of a model: `meta/llama` becomes `meta-llama`, as the platform's tutorials name it. */
export const modelSlug = (model: string): string => model.replaceAll('/', '-');

/** A workload id as a part of names: unchanged where it is safe, else cleaned with six hex digits of its hash. */
function workloadSlug(workloadId: string): string {
  const cleaned = workloadId
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 40);
  return cleaned === workloadId ? cleaned : `${cleaned || 'workload'}-${shortHash(workloadId, 6)}`;
}

/** Names of a run's three datasets; deterministic, so that a retry or a deletion finds them. */
export function datasetNames(workloadId: string, runId: string) {
  const name = (kind: string) => `flywheel-${kind}-${workloadSlug(workloadId)}-${runId}`;
  return { evaluation: name('eval'), inContext: name('icl'), training: name('train') };
}

const DATASET = /^flywheel-(?:eval|icl|train)-.+-([0-9a-f]{24})$/;

/** The run that a dataset is named after; null for any other name. */
export const runOfDataset = (name: string): string | null => DATASET.exec(name)?.[1] ?? null;

/** What ties everything made on the platform to its run: sent as `project`, used to find jobs again. */
export const runProject = (runId: string): string => `flywheel-${runId}`;
