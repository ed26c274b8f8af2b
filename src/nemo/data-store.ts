import { pathToFileURL } from 'node:url';
import { createRepo, deleteRepo, HubApiError, uploadFiles } from '@huggingface/hub';
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
  const repo = ({ namespace, name }: DatasetName) => ({
    type: 'dataset' as const,
    name: `${namespace}/${name}`,
  });

  return {
    /** Resolves when the data store answers at all. */
    async ping(): Promise<void> {
      await http.send('GET', '/v1/datastore/namespaces');
    },

    async ensureNamespace(namespace: string, signal?: AbortSignal): Promise<void> {
      // A form, as NVIDIA's own clients send it.
      const body = new URLSearchParams({ namespace });
      await http.expect('POST', '/v1/datastore/namespaces', EXISTS, { body, signal });
    },

    /** An existing repository is fine. */
    async createDataset(dataset: DatasetName, signal?: AbortSignal): Promise<void> {
      await hubCall(http, `create ${dataset.name}`, [409], () =>
        createRepo({ ...hub, repo: repo(dataset), fetch: abortable(signal) }),
      );
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

const abortable =
  (signal?: AbortSignal): typeof fetch =>
  (input, init) =>
    fetch(input, { ...init, ...(signal ? { signal } : {}) });

async function hubCall(
  http: Http,
  what: string,
  accepted: number[],
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call();
  } catch (cause) {
    const status = cause instanceof HubApiError ? cause.statusCode : null;
    if (status !== null && accepted.includes(status)) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const url = cause instanceof HubApiError ? cause.url : `${http.baseUrl}/v1/hf`;
    throw new ServiceError(`${what} at ${url}: ${status ?? 'no answer'}: ${reason}`, {
      service: http.service,
      status,
      cause,
    });
  }
}
