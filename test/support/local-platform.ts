import { createRepo, uploadFiles } from '@huggingface/hub';
import { onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { startNemoLocal, type NemoLocal, type NemoLocalOptions } from '../../src/nemo-local/index.js';
import { temporaryFolder } from './temporary-folder.js';

/** For polls of nemo-local: long enough for a busy machine, never waited for otherwise. */
export const PATIENT = { timeout: 40_000, interval: 20 };
export const ACCESS_TOKEN = 'hf_local';

/** A nemo-local of its own, on free ports and in a temporary folder, gone after the test. */
export async function aPlatform(options: Partial<NemoLocalOptions> = {}): Promise<NemoLocal> {
  const dataDir = options.dataDir ?? (await aFolder());
  const platform = await startNemoLocal({ ...options, dataDir });
  onTestFinished(() => platform.close());
  return platform;
}

/** A new folder, gone after the test. */
export async function aFolder(): Promise<string> {
  const { folder, remove } = await temporaryFolder();
  onTestFinished(remove);
  return folder;
}

export async function send(method: string, url: string, body?: unknown) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = text ? JSON.parse(text) : null;
  return { status: response.status, headers: response.headers, body: parsed };
}

export const get = (url: string) => send('GET', url);
export const post = (url: string, body?: unknown) => send('POST', url, body);

/** Uploads files with the official client and registers them as a dataset of namespace `test`. */
export async function aDataset(platform: NemoLocal, name: string, files: Record<string, unknown[] | string>) {
  const hub = { hubUrl: `${platform.dataStoreUrl}/v1/hf`, accessToken: ACCESS_TOKEN };
  const repo = { type: 'dataset', name: `test/${name}` } as const;
  await createRepo({ ...hub, repo });
  const contents = Object.entries(files).map(([path, rows]) => ({ path, content: new Blob([toText(rows)]) }));
  await uploadFiles({ ...hub, repo, files: contents });
  await post(`${platform.nemoUrl}/v1/datasets`, {
    name,
    namespace: 'test',
    files_url: `hf://datasets/test/${name}`,
  });
}

const toText = (rows: unknown[] | string) =>
  typeof rows === 'string' ? rows : rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Deploys a model and waits until the NIM proxy lists it. */
export async function aDeployment(
  platform: Pick<NemoLocal, 'nemoUrl' | 'nimUrl'>,
  model: string,
  gpu = 1,
): Promise<void> {
  await post(`${platform.nemoUrl}/v1/deployment/model-deployments`, {
    name: model.replace('/', '-'),
    namespace: 'test',
    config: { model, nim_deployment: { image_name: model, image_tag: '1', gpu } },
  });
  await vi.waitUntil(async () => (await listedModels(platform)).includes(model), PATIENT);
}

const ModelList = z.object({ data: z.array(z.object({ id: z.string() })) });

export async function listedModels({ nimUrl }: Pick<NemoLocal, 'nimUrl'>): Promise<string[]> {
  const { body } = await get(`${nimUrl}/v1/models`);
  return ModelList.parse(body).data.map(({ id }) => id);
}

const Job = z.looseObject({ id: z.string(), status: z.string() });

/** Creates a job and returns its id. */
export async function aJob(url: string, body: unknown): Promise<string> {
  const answer = await post(url, body);
  return Job.parse(answer.body, { error: () => JSON.stringify(answer.body) }).id;
}

/** Polls a job until it is over and returns it. */
export async function overJob(url: string): Promise<z.infer<typeof Job>> {
  const over = ['completed', 'failed', 'cancelled'];
  return vi.waitUntil(async () => {
    const job = Job.parse((await get(url)).body);
    return over.includes(job.status) && job;
  }, PATIENT);
}
