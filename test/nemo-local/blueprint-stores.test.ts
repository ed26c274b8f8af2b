import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { PATIENT, aPlatform, get, listedModels, post, send } from '../support/local-platform.js';

/** What the uploader, deployment and embedding modules of NVIDIA's blueprint send and read, call by call. */

const NAMESPACE = 'dfwbp';

/** `requests.post(url, data=…)`: a form. */
const postForm = (url: string, form: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(form) });

/** A file as huggingface_hub 0.30.2 uploads it: it asks how, then for the revision, then commits. */
async function upload(hub: string, repo: string, path: string, text: string) {
  const api = `${hub}/api/datasets/${repo}`;
  const content = Buffer.from(text).toString('base64');
  const file = { path, sample: content.slice(0, 512), size: Buffer.byteLength(text) };
  const asked = await post(`${api}/preupload/main`, { files: [file] });
  expect(asked.body).toEqual({ files: [{ path, uploadMode: 'regular', shouldIgnore: false }] });
  expect((await get(`${api}/revision/main?expand=xetEnabled`)).body).toMatchObject({ id: repo });
  const lines = [
    { key: 'header', value: { summary: `Upload ${path} with huggingface_hub`, description: '' } },
    { key: 'file', value: { content, path, encoding: 'base64' } },
  ];
  const committed = await fetch(`${api}/commit/main`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: 'Bearer nothing' },
    body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  });
  const { commitOid } = z.object({ commitOid: z.string().length(40) }).parse(await committed.json());
  return commitOid;
}

test("the blueprint's uploader cannot create, fill, find and delete a dataset", async () => {
  const { nemoUrl, dataStoreUrl } = await aPlatform();
  const hub = `${dataStoreUrl}/v1/hf`;
  const repo = `${NAMESPACE}/train`;
  const entity = `${nemoUrl}/v1/datasets/${repo}`;
  const newRepo = { name: 'train', organization: NAMESPACE, type: 'dataset' };
  const payload = {
    name: 'train',
    namespace: NAMESPACE,
    description: '',
    files_url: `hf://datasets/${repo}`,
    project: 'flywheel',
  };

  for (const known of [false, true]) {
    expect((await post(`${nemoUrl}/v1/namespaces`, { id: NAMESPACE })).status).toBe(known ? 409 : 200);
    const form = await postForm(`${dataStoreUrl}/v1/datastore/namespaces`, { namespace: NAMESPACE });
    expect(form.status).toBe(known ? 409 : 201);
    const created = await post(`${hub}/api/repos/create`, newRepo);
    expect(created).toMatchObject({ status: known ? 409 : 200, body: { url: `datasets/${repo}` } });
  }

  const first = await upload(hub, repo, 'training/training_data.jsonl', '{"a": 1}\n');
  expect((await get(entity)).status).toBe(404);
  expect((await post(`${nemoUrl}/v1/datasets`, payload)).status).toBe(200);
  expect(await upload(hub, repo, 'validation/validation_data.jsonl', '{"a": "ü"}\n')).not.toBe(first);
  expect((await get(entity)).body).toMatchObject({ files_url: `hf://datasets/${repo}` });
  // A known dataset is patched with its own name and namespace in the body.
  expect(await send('PATCH', entity, payload)).toMatchObject({ status: 200, body: payload });
  const stored = await fetch(`${hub}/datasets/${repo}/resolve/main/validation/validation_data.jsonl`);
  expect(await stored.text()).toBe('{"a": "ü"}\n');

  expect((await send('DELETE', `${hub}/api/repos/delete`, newRepo)).status).toBe(200);
  expect((await send('DELETE', entity)).status).toBe(200);
  expect((await send('DELETE', `${hub}/api/repos/delete`, newRepo)).status).toBe(404);
  expect((await send('DELETE', entity)).status).toBe(404);
});

test("the blueprint's uploader cannot send a file by LFS", async () => {
  const { dataStoreUrl } = await aPlatform();
  const hub = `${dataStoreUrl}/v1/hf`;
  await post(`${hub}/api/repos/create`, { name: 'train', organization: NAMESPACE, type: 'dataset' });
  const bytes = Buffer.alloc(10_000_000, 'x');
  const object = { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
  const file = { path: 'training/big.jsonl', sample: '', size: bytes.length };
  const api = `${hub}/api/datasets/${NAMESPACE}/train`;
  const asked = await post(`${api}/preupload/main`, { files: [file] });
  expect(asked.body).toMatchObject({ files: [{ uploadMode: 'lfs' }] });
  const batch = await fetch(`${hub}/datasets/${NAMESPACE}/train.git/info/lfs/objects/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.git-lfs+json', accept: 'application/vnd.git-lfs+json' },
    body: JSON.stringify({
      operation: 'upload',
      transfers: ['basic', 'multipart'],
      objects: [object],
      hash_algo: 'sha256',
      ref: { name: 'main' },
    }),
  });
  const Action = z.object({ href: z.url() });
  const Actions = z.object({ actions: z.object({ upload: Action, verify: Action }) });
  const Batch = z.object({ transfer: z.literal('basic'), objects: z.tuple([Actions]) });
  const [{ actions }] = Batch.parse(await batch.json()).objects;
  // The bytes travel without a token, to the host's root.
  expect(new URL(actions.upload.href).pathname).not.toContain('/v1/hf');
  expect((await fetch(actions.upload.href, { method: 'PUT', body: bytes })).status).toBe(200);
  expect((await post(actions.verify.href, object)).status).toBe(200);
  const line = { key: 'lfsFile', value: { path: file.path, algo: 'sha256', ...object } };
  const committed = await fetch(`${api}/commit/main`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${JSON.stringify({ key: 'header', value: { summary: 'Big' } })}\n${JSON.stringify(line)}\n`,
  });
  expect(committed.status).toBe(200);
  const head = await fetch(`${hub}/datasets/${NAMESPACE}/train/resolve/main/${file.path}`, {
    method: 'HEAD',
  });
  expect(head.headers.get('content-length')).toBe('10000000');
});

const deployment = (model: string) => ({
  name: model.replace('/', '-'),
  namespace: NAMESPACE,
  config: {
    model,
    nim_deployment: {
      image_name: `nvcr.io/nim/${model}`,
      image_tag: null,
      pvc_size: null,
      gpu: null,
      additional_envs: { NIM_GUIDED_DECODING_BACKEND: 'outlines' },
    },
  },
});

test("the blueprint's deployment client cannot bring up and shut down a model", async () => {
  const platform = await aPlatform();
  const body = deployment('meta/tiny-1b');
  const url = `${platform.nemoUrl}/v1/deployment/model-deployments`;
  const own = `${url}/${NAMESPACE}/meta-tiny-1b`;
  expect((await get(own)).status).toBe(404);
  expect((await post(url, body)).status).toBe(200);
  const again = await post(url, body);
  expect(again.status).toBe(500);
  expect(JSON.stringify(again.body)).toContain('model deployment already exists');
  // It never looks at `deployed`, and waits for this word alone.
  await expect
    .poll(async () => (await get(own)).body, PATIENT)
    .toMatchObject({ status_details: { status: 'ready' } });
  await expect.poll(() => listedModels(platform), PATIENT).toContain('meta/tiny-1b');
  expect(await send('DELETE', own)).toMatchObject({ status: 200, body: { message: expect.any(String) } });
  expect(await listedModels(platform)).not.toContain('meta/tiny-1b');
  expect((await post(url, body)).status).toBe(200);
});

test("the blueprint's embedding client cannot read a batch", async () => {
  const platform = await aPlatform();
  const model = 'nvidia/llama-3.2-nv-embedqa-1b-v2';
  await post(`${platform.nemoUrl}/v1/deployment/model-deployments`, deployment(model));
  await expect.poll(() => listedModels(platform), PATIENT).toContain(model);
  const input = Array.from({ length: 32 }, (_, index) => `question ${'ab'.repeat(index)}`);
  const { body } = await post(`${platform.nimUrl}/v1/embeddings`, { model, input, input_type: 'query' });
  const Data = z.object({
    data: z.array(z.object({ embedding: z.array(z.number()).length(2048) })).length(32),
  });
  expect(Data.parse(body).data[3]).not.toEqual(Data.parse(body).data[4]);
});
