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
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { ACCESS_TOKEN, aFolder, aPlatform, get, post, send } from '../support/local-platform.js';

const repo = { type: 'dataset', name: 'test/rows' } as const;
const hubOf = ({ dataStoreUrl }: NemoLocal) => ({
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

  test('new Python clients, which cannot use LFS, are told to upload the regular way', async () => {
    const platform = await aPlatform();
    await createRepo(hubOf(platform));
    const mode = async (agent: string) => {
      const response = await fetch(`${platform.dataStoreUrl}/v1/hf/api/datasets/test/rows/preupload/main`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': agent },
        body: JSON.stringify({ files: [{ path: 'a', size: 50_000_000, sample: '' }] }),
      });
      return JSON.stringify(await response.json());
    };
    expect(await mode('unknown/None; hf_hub/2.4.0; python/3.11.7')).toContain('"uploadMode":"regular"');
    expect(await mode('unknown/None; hf_hub/1.20.0; python/3.11.7')).toContain('"uploadMode":"regular"');
    expect(await mode('unknown/None; hf_hub/0.34.4; python/3.11.7')).toContain('"uploadMode":"lfs"');
  });

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
});
