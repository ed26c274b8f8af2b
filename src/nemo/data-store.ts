import { pathToFileURL } from 'node:url';
import {
  createRepo,
  deleteRepo,
  HubApiError,
  type ListFileEntry,
  listFiles,
  uploadFiles,
} from '@huggingface/hub';
import { messageOf } from '../message-of.js';
import { gitBlobHash, sha256 } from './file-hashes.js';
import type { Http } from './http.js';
import { ServiceError } from './service-error.js';

export interface DatasetName {
  namespace: string;
  name: string;
}

export interface LocalFile {
  /** In the repository: `training/train_data.jsonl`. */
  path: string;
  localPath: string;
}

const EXISTS = [409, 422];

/** The data store: Hugging Face-compatible dataset repositories. */
export function createDataStore(http: Http, token: string) {
  const hub = {
    hubUrl: `${http.baseUrl}/v1/hf`,
    // The library takes only tokens of this form; the platform takes any.
    accessToken: token.startsWith('hf_') ? token : `hf_${token}`,
  };
  return {
    /** Resolves when the data store answers at all. */
    async ping(): Promise<void> {
      await http.send('GET', '/v1/datastore/namespaces');
    },

    async ensureNamespace(namespace: string, signal?: AbortSignal): Promise<void> {
      // A form, as NVIDIA's own libraries send it.
      const body = new URLSearchParams({ namespace });
      await http.expect('POST', '/v1/datastore/namespaces', EXISTS, { body, signal });
    },

    /** An existing repository is fine; says whether it is new. */
    async createDataset(dataset: DatasetName, signal?: AbortSignal): Promise<boolean> {
      const created = await hubCall(http, `create ${dataset.name}`, [409], () =>
        createRepo({ ...hub, repo: repo(dataset), fetch: abortable(signal) }),
      );
      return created !== null;
    },

    /** Whether a repository has these very files, byte for byte, perhaps beside others. */
    async holdsFiles(dataset: DatasetName, files: LocalFile[], signal?: AbortSignal): Promise<boolean> {
      const held = await hubCall(http, `list files of ${dataset.name}`, [404], () =>
        all(listFiles({ ...hub, repo: repo(dataset), recursive: true, fetch: abortable(signal) })),
      );
      return held !== null && (await areAmong(held, files));
    },

    /** Uploads all files in one commit, streamed from disk. */
    async uploadFiles(dataset: DatasetName, files: LocalFile[], signal?: AbortSignal): Promise<void> {
      await hubCall(http, `upload to ${dataset.name}`, [], () =>
        uploadFiles({
          ...hub,
          repo: repo(dataset),
          files: files.map(({ path, localPath }) => ({ path, content: pathToFileURL(localPath) })),
          commitTitle: 'Upload dataset',
          useXet: false,
          fetch: abortable(signal),
        }),
      );
    },

    /** An absent repository is fine. */
    async deleteDataset(dataset: DatasetName, signal?: AbortSignal): Promise<void> {
      await hubCall(http, `delete ${dataset.name}`, [404], () =>
        deleteRepo({ ...hub, repo: repo(dataset), fetch: abortable(signal) }),
      );
    },
  };
}

async function areAmong(held: readonly ListFileEntry[], files: readonly LocalFile[]): Promise<boolean> {
  for (const { path, localPath } of files) {
    const file = held.find((entry) => entry.path === path);
    if (!file) return false;
    // Of a large file the repository itself has only a pointer.
    const isSame = file.lfs
      ? (await sha256(localPath)) === file.lfs.oid
      : (await gitBlobHash(localPath)) === file.oid;
    if (!isSame) return false;
  }
  return true;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const abortable =
  (signal?: AbortSignal): typeof fetch =>
  (input, init) =>
    fetch(input, { ...init, ...(signal ? { signal } : {}) });

const repo = ({ namespace, name }: DatasetName) => ({
  type: 'dataset' as const,
  name: `${namespace}/${name}`,
});

/** null: refused with a status that is fine. */
async function hubCall<T>(
  http: Http,
  what: string,
  accepted: number[],
  call: () => Promise<T>,
): Promise<T | null> {
  try {
    return await call();
  } catch (cause) {
    const status = cause instanceof HubApiError ? cause.statusCode : null;
    if (status !== null && accepted.includes(status)) return null;
    const reason = messageOf(cause);
    const url = cause instanceof HubApiError ? cause.url : `${http.baseUrl}/v1/hf`;
    throw new ServiceError(`${what} at ${url}: ${status ?? 'no answer'}: ${reason}`, {
      service: http.service,
      status,
      cause,
    });
  }
}
