import { createHash, randomBytes } from 'node:crypto';
import {
  createRepo,
  deleteFiles,
  deleteRepo,
  downloadFile,
  fileExists,
  listFiles,
  uploadFiles,
} from '@huggingface/hub';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { ACCESS_TOKEN, aFolder, aPlatform, get, post, send } from '../support/local-platform.js';

const repo = { type: 'dataset', name: 'test/rows' } as const;
const hubOf = ({ dataStoreUrl }: Pick<NemoLocal, 'dataStoreUrl'>) => ({
  hubUrl: `${dataStoreUrl}/v1/hf`,
  accessToken: ACCESS_TOKEN,
  repo,
});

async function paths(platform: NemoLocal): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, type } of listFiles({ ...hubOf(platform), recursive: true })) {
    if (type === 'file') found.push(path);
  }
  return found.sort();
}

const upload = (platform: NemoLocal, files: Record<string, string | Blob>) =>
  uploadFiles({
    ...hubOf(platform),
    files: Object.entries(files).map(([path, text]) => ({ path, content: new Blob([text]) })),
  });

const download = async (platform: NemoLocal, path: string) =>
  (await downloadFile({ ...hubOf(platform), path }))?.text();

describe('the official JavaScript client', () => {
  test('a small file comes back with the bytes that were uploaded', async () => {
    const platform = await aPlatform();
    await createRepo(hubOf(platform));
    await upload(platform, { 'training/a b+c@dé.jsonl': '{"ü":1}\n', 'eval.jsonl': 'x' });
    expect(await paths(platform)).toEqual(['eval.jsonl', 'training/a b+c@dé.jsonl']);
    expect(await download(platform, 'training/a b+c@dé.jsonl')).toBe('{"ü":1}\n');
  });

  test('a repository created with its first files is empty', async () => {
    const platform = await aPlatform();
    const files = [{ path: 'training/first.jsonl', content: new Blob(['{"ü":1}\n']) }];
    await createRepo({ ...hubOf(platform), files });
    expect(await download(platform, 'training/first.jsonl')).toBe('{"ü":1}\n');
  });

  test('a large file, which travels by LFS, comes back with the bytes that were uploaded', async () => {
    const platform = await aPlatform();
    const large = randomBytes(11_000_000).toString('base64');
    await createRepo(hubOf(platform));
    await upload(platform, { 'large.jsonl': large });
    expect(await download(platform, 'large.jsonl')).toBe(large);
    const entry = await listFiles(hubOf(platform)).next();
    expect(entry.value?.lfs).toMatchObject({
      oid: createHash('sha256').update(large).digest('hex'),
      size: large.length,
    });
  });

  test('commits made side by side lose no file', async () => {
    const platform = await aPlatform();
    await createRepo(hubOf(platform));
    const names = Array.from({ length: 12 }, (_, index) => `f${10 + index}.jsonl`);
    await Promise.all(names.map((name) => upload(platform, { [name]: name })));
    expect(await paths(platform)).toEqual(names);
  });

  test('a deleted file or repository is gone', async () => {
    const platform = await aPlatform();
    await createRepo(hubOf(platform));
    await upload(platform, { 'a.jsonl': 'a', 'b.jsonl': 'b' });
    await deleteFiles({ ...hubOf(platform), paths: ['a.jsonl'] });
    expect(await fileExists({ ...hubOf(platform), path: 'a.jsonl' })).toBe(false);
    expect(await paths(platform)).toEqual(['b.jsonl']);
    await deleteRepo(hubOf(platform));
    await expect(paths(platform)).rejects.toThrow('not found');
  });

  test('an uploaded file survives a restart', async () => {
    const dataDir = await aFolder();
    const first = await aPlatform({ dataDir });
    await createRepo(hubOf(first));
    await upload(first, { 'a.jsonl': 'kept' });
    await first.close();
    expect(await download(await aPlatform({ dataDir }), 'a.jsonl')).toBe('kept');
  });
});

const Action = z.object({ href: z.string() });
const Batch = z.object({
  transfer: z.string(),
  objects: z.array(
    z.strictObject({
      oid: z.string(),
      size: z.number(),
      actions: z.strictObject({ upload: Action, verify: Action }).optional(),
    }),
  ),
});

describe('the wire', () => {
  test('a repository that exists is refused with the url that clients read', async () => {
    const { dataStoreUrl } = await aPlatform();
    const create = () =>
      post(`${dataStoreUrl}/v1/hf/api/repos/create`, { name: 'rows', organization: 'test', type: 'dataset' });
    expect(await create()).toMatchObject({ status: 200, body: { url: 'datasets/test/rows' } });
    const again = await create();
    expect(again).toMatchObject({ status: 409, body: { url: 'datasets/test/rows' } });
    expect(again.body).toHaveProperty('error');
  });

  test('X-Error-Code tells apart what is missing', async () => {
    const platform = await aPlatform();
    await createRepo(hubOf(platform));
    const code = async (path: string) =>
      (await get(`${platform.dataStoreUrl}/v1/hf${path}`)).headers.get('x-error-code');
    expect(await code('/api/datasets/test/none/tree/main')).toBe('RepoNotFound');
    expect(await code('/api/datasets/test/rows/tree/other')).toBe('RevisionNotFound');
    expect(await code('/api/datasets/test/rows/tree/main/folder%2Fs1')).toBe('EntryNotFound');
    expect(await code('/datasets/test/rows/resolve/main/none.jsonl')).toBe('EntryNotFound');
    const gone = await send('DELETE', `${platform.dataStoreUrl}/v1/hf/api/repos/delete`, {
      name: 'none',
      organization: 'test',
      type: 'dataset',
    });
    expect([gone.status, gone.headers.get('x-error-code')]).toEqual([404, 'RepoNotFound']);
  });

  test.each([
    ['unknown/None; hf_hub/2.4.0; python/3.11.7', 'regular', 'regular'],
    ['unknown/None; hf_hub/1.20.0; python/3.11.7', 'regular', 'regular'],
    ['unknown/None; hf_hub/1.19.3; python/3.11.7', 'regular', 'lfs'],
    ['unknown/None; hf_hub/1.9.2; python/3.11.7', 'regular', 'lfs'],
    ['unknown/None; hf_hub/1.0.0; python/3.11.7', 'regular', 'lfs'],
    ['unknown/None; hf_hub/0.34.4; python/3.11.7', 'regular', 'lfs'],
    ['node', 'regular', 'lfs'],
  ])('to %s a file below 10 MB is %s, one of 10 MB %s', async (agent, below, from) => {
    const platform = await aPlatform();
    await createRepo(hubOf(platform));
    const sizes = [0, 9_999_999, 10_000_000, 50_000_000];
    const response = await fetch(`${platform.dataStoreUrl}/v1/hf/api/datasets/test/rows/preupload/main`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': agent },
      body: JSON.stringify({ files: sizes.map((size) => ({ path: String(size), size, sample: '' })) }),
    });
    expect(await response.json()).toEqual({
      files: [below, below, from, from].map((uploadMode, index) => ({
        path: String(sizes[index]),
        uploadMode,
        shouldIgnore: false,
      })),
    });
  });

  test.each([
    ['a dataset', 'dataset', 'datasets/test/large'],
    ['a model', 'model', 'test/large'],
  ] as const)(
    'content of %s goes by the hrefs of the batch, which has no actions for what is stored',
    async (_, type, path) => {
      const { dataStoreUrl } = await aPlatform();
      await createRepo({ ...hubOf({ dataStoreUrl }), repo: { type, name: 'test/large' } });
      const batch = `${dataStoreUrl}/${path}.git/info/lfs/objects/batch`;
      const [stored, other] = ['stored', 'other'].map((text) => ({
        oid: createHash('sha256').update(text).digest('hex'),
        size: text.length,
      }));
      const ask = async (...objects: unknown[]) =>
        Batch.parse((await post(batch, { operation: 'upload', transfers: ['basic'], objects })).body);
      const objects = `${dataStoreUrl}/${path}.git/info/lfs/objects`;
      const first = await ask(stored);
      expect(first).toEqual({
        transfer: 'basic',
        objects: [
          {
            ...stored,
            actions: {
              upload: { href: `${objects}/${stored?.oid}/6` },
              verify: { href: `${objects}/verify` },
            },
          },
        ],
      });
      const href = first.objects[0]?.actions?.upload.href ?? '';
      expect((await fetch(href, { method: 'PUT', body: 'stored' })).status).toBe(200);
      const again = await ask(stored, other);
      expect(again.objects.map((one) => Object.keys(one))).toEqual([
        ['oid', 'size'],
        ['oid', 'size', 'actions'],
      ]);
    },
  );

  test('an LFS upload with the wrong content is refused', async () => {
    const platform = await aPlatform();
    await createRepo(hubOf(platform));
    const oid = createHash('sha256').update('right').digest('hex');
    const objects = `${platform.dataStoreUrl}/datasets/test/rows.git/info/lfs/objects`;
    const put = (content: string) => fetch(`${objects}/${oid}/5`, { method: 'PUT', body: content });
    expect((await put('wrong')).status).toBe(422);
    expect((await post(`${objects}/verify`, { oid, size: 5 })).status).toBe(404);
    expect((await put('right')).status).toBe(200);
    expect((await post(`${objects}/verify`, { oid, size: 5 })).status).toBe(200);
  });

  test('a deleted folder leaves its namesake alone, and a broken commit changes nothing', async () => {
    const platform = await aPlatform();
    await createRepo(hubOf(platform));
    await upload(platform, { 'folder/a': '1', 'folder2/b': '2' });
    const commitAs = (type: string, ...lines: object[]) =>
      fetch(`${platform.dataStoreUrl}/v1/hf/api/datasets/test/rows/commit/main`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: lines.map((line) => JSON.stringify(line)).join('\n'),
      });
    const commit = (...lines: object[]) => commitAs('application/x-ndjson', ...lines);
    const deletion = { key: 'deletedFolder', value: { path: 'folder' } };
    expect((await commitAs('application/json', deletion)).status).toBe(415);
    const refused = await commit(deletion, { key: 'deletedFile', value: { path: 'none' } });
    expect([refused.status, await paths(platform)]).toEqual([404, ['folder/a', 'folder2/b']]);
    expect(await (await commit(deletion)).json()).toMatchObject({
      success: true,
      commitUrl: expect.stringMatching(/^datasets\/test\/rows\/commit\/[0-9a-f]{40}$/),
    });
    expect(await paths(platform)).toEqual(['folder2/b']);
  });

  test('namespaces are created from a form or JSON and read with status 201', async () => {
    const { dataStoreUrl } = await aPlatform();
    const url = `${dataStoreUrl}/v1/datastore/namespaces`;
    const form = () => fetch(url, { method: 'POST', body: new URLSearchParams({ namespace: 'a' }) });
    expect((await form()).status).toBe(201);
    expect((await form()).status).toBe(409);
    expect((await post(url, { namespace: 'b' })).status).toBe(201);
    expect(await get(`${url}/b`)).toMatchObject({
      status: 201,
      body: { namespace: 'b', created_at: expect.stringMatching(/\dZ$/) },
    });
    expect((await get(`${url}/c`)).status).toBe(404);
    expect((await post(url, { namespace: '..' })).status).toBe(422);
  });

  test('namespaces are listed with their times, and one that is deleted is gone', async () => {
    const { dataStoreUrl } = await aPlatform();
    const url = `${dataStoreUrl}/v1/datastore/namespaces`;
    for (const namespace of ['a', 'b']) await post(url, { namespace });
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const [a, b] = ['a', 'b'].map((namespace) => ({ namespace, created_at: time, updated_at: time }));
    const listed = async (list = url) => (await get(list)).body;
    expect(await listed()).toEqual({ object: 'list', data: [a, b] });
    expect(await listed(`${url}/`)).toEqual({ object: 'list', data: [a, b] });
    expect(await send('DELETE', `${url}/a`)).toMatchObject({
      status: 200,
      body: { message: 'namespace deleted' },
    });
    expect(await listed()).toEqual({ object: 'list', data: [b] });
    expect((await get(`${url}/a`)).status).toBe(404);
    expect((await send('DELETE', `${url}/a`)).status).toBe(404);
    expect((await post(url, { namespace: 'a' })).status).toBe(201);
  });
});
