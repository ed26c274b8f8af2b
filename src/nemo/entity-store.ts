import { z } from 'zod';
import { runOfDataset, runProject } from '../ids.js';
import { runOfCustomized } from './customizer.js';
import type { DatasetName } from './data-store.js';
import type { Http } from './http.js';
import { listAll } from './list.js';

const dataset = z.object({ files_url: z.string() });
const listed = z.object({ namespace: z.string(), name: z.string(), project: z.string().nullish() });
const EXISTS = [409, 422];

/** The entity store: registered datasets and models. */
export function createEntityStore(http: Http) {
  const datasetPath = ({ namespace, name }: DatasetName) => `/v1/datasets/${namespace}/${name}`;
  return {
    /** Resolves when the platform answers at all. */
    async ping(): Promise<void> {
      await http.send('GET', '/v1/namespaces');
    },

    async ensureNamespace(id: string, signal?: AbortSignal): Promise<void> {
      await http.expect('POST', '/v1/namespaces', EXISTS, { body: { id }, signal });
    },

    /** Registers the repository of the same name and returns its `files_url`, re-read and checked. */
    async registerDataset(entry: DatasetName & { project: string }, signal?: AbortSignal): Promise<string> {
      const path = datasetPath(entry);
      const filesUrl = `hf://datasets/${entry.namespace}/${entry.name}`;
      const body = { ...entry, description: '', files_url: filesUrl };
      const known = await http.find(path, dataset, signal);
      if (known) await http.expect('PATCH', path, [], { body, signal });
      else await http.expect('POST', '/v1/datasets', [409], { body, signal });
      const { files_url } = await http.json('GET', path, dataset, { signal });
      if (files_url === filesUrl) return files_url;
      throw http.misfit(`GET ${http.baseUrl}${path}: 200`, `files_url is ${files_url}, not ${filesUrl}`);
    },

    /** Datasets of runs, whatever else is there is left out. */
    async datasetsOfRuns(signal?: AbortSignal): Promise<(DatasetName & { runId: string })[]> {
      const found: (DatasetName & { runId: string })[] = [];
      for await (const { namespace, name, project } of listAll(http, '/v1/datasets', listed, {}, signal)) {
        const runId = runOfDataset(name);
        if (runId !== null && project === runProject(runId)) found.push({ namespace, name, runId });
      }
      return found;
    },

    /** Customized models of runs, as `<namespace>/<name>`; whatever else is there is left out. */
    async modelsOfRuns(signal?: AbortSignal): Promise<{ id: string; runId: string }[]> {
      const found: { id: string; runId: string }[] = [];
      for await (const { namespace, name } of listAll(http, '/v1/models', listed, {}, signal)) {
        const id = `${namespace}/${name}`;
        const runId = runOfCustomized(id);
        if (runId !== null) found.push({ id, runId });
      }
      return found;
    },

    async deleteDataset(entry: DatasetName, signal?: AbortSignal): Promise<void> {
      await http.expect('DELETE', datasetPath(entry), [404], { signal });
    },

    /** `id` is `<namespace>/<name>`; the name may hold `@`. An absent model is fine. */
    async deleteModel(id: string, signal?: AbortSignal): Promise<void> {
      await http.expect('DELETE', `/v1/models/${id}`, [404], { signal });
    },
  };
}
