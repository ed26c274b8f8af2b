import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkRepoAccess,
  createRepo,
  datasetInfo,
  deleteFile,
  fileDownloadInfo,
  fileExists,
  listDatasets,
  listModels,
  modelInfo,
  repoExists,
  snapshotDownload,
  uploadFile,
} from '@huggingface/hub';
import { expect, test } from 'vitest';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { ACCESS_TOKEN, aFolder, aPlatform } from '../support/local-platform.js';

const DATASET = { type: 'dataset', name: 'team/rows' } as const;
const MODEL = { type: 'model', name: 'team/tuned' } as const;
const TEXT = '{"a":1}\n';

const hubOf = ({ dataStoreUrl }: NemoLocal) => ({
  hubUrl: `${dataStoreUrl}/v1/hf`,
  accessToken: ACCESS_TOKEN,
});

/** A dataset and a model, each with the file `folder/one.jsonl`, and the commits that uploaded it. */
async function twoRepositories() {
  const hub = hubOf(await aPlatform());
  const shas = [];
  for (const repo of [DATASET, MODEL]) {
    await createRepo({ ...hub, repo });
    const file = { path: 'folder/one.jsonl', content: new Blob([TEXT]) };
    const uploaded = await uploadFile({ ...hub, repo, file });
    shas.push(uploaded?.commit.oid);
  }
  return { hub, shas };
}

test('one file is not uploaded, described or deleted', async () => {
  const { hub } = await twoRepositories();
  for (const repo of [DATASET, MODEL]) {
    const file = { ...hub, repo, path: 'folder/one.jsonl' };
    const info = await fileDownloadInfo(file);
    expect(info).toEqual({
      size: TEXT.length,
      etag: `"${createHash('sha256').update(TEXT).digest('hex')}"`,
      url: expect.stringMatching(/\/resolve\/main\/folder\/one\.jsonl$/),
    });
    expect(await (await fetch(info?.url ?? '')).text()).toBe(TEXT);
    expect(await fileDownloadInfo({ ...file, path: 'none' })).toBeNull();
    await deleteFile(file);
    expect(await fileExists(file)).toBe(false);
    await expect(deleteFile(file)).rejects.toThrow('there is no file');
  }
});

test('datasets and models are not described by branch and by commit', async () => {
  const { hub, shas } = await twoRepositories();
  const before = Date.now() - 60_000;
  const ofBoth = { private: false, gated: false, likes: 0, downloads: 0, author: 'team', tags: [] };
  const fields: ['sha', 'author', 'tags', 'createdAt'] = ['sha', 'author', 'tags', 'createdAt'];
  for (const revision of [undefined, 'main', shas[0]]) {
    const asked = { ...hub, name: DATASET.name, additionalFields: fields, ...(revision && { revision }) };
    const info = await datasetInfo(asked);
    expect(info).toMatchObject({ ...ofBoth, name: DATASET.name, sha: shas[0] });
    expect(info.updatedAt.getTime()).toBeGreaterThan(before);
  }
  for (const revision of [undefined, 'main', shas[1]]) {
    const asked = { ...hub, name: MODEL.name, additionalFields: fields, ...(revision && { revision }) };
    expect(await modelInfo(asked)).toMatchObject({ ...ofBoth, name: MODEL.name, sha: shas[1] });
  }
  const lost = { ...hub, name: MODEL.name, revision: 'none' };
  await expect(modelInfo(lost)).rejects.toMatchObject({ statusCode: 404 });
  await expect(datasetInfo({ ...hub, name: 'team/none' })).rejects.toMatchObject({ statusCode: 404 });
});

test('a repository exists, or may be read, as what it is not', async () => {
  const { hub } = await twoRepositories();
  for (const repo of [DATASET, MODEL]) {
    expect(await repoExists({ ...hub, repo })).toBe(true);
    await checkRepoAccess({ ...hub, repo });
    const other = { type: repo.type === 'model' ? 'dataset' : 'model', name: repo.name } as const;
    expect(await repoExists({ ...hub, repo: other })).toBe(false);
    await expect(checkRepoAccess({ ...hub, repo: other })).rejects.toMatchObject({ statusCode: 404 });
  }
});

interface Asked {
  search?: { owner?: string; query?: string };
  limit?: number;
  fetch?: typeof fetch;
}

test('datasets and models are not listed by owner and word, page by page, with their files', async () => {
  const { hub } = await twoRepositories();
  for (const name of ['team/rows-2', 'other/rows', 'team/more'])
    await createRepo({ ...hub, repo: { type: 'dataset', name } });
  const datasets = async (asked: Asked) => {
    const found: string[] = [];
    for await (const { name } of listDatasets({ ...hub, ...asked })) found.push(name);
    return found;
  };
  expect(await datasets({})).toEqual(['team/rows', 'team/rows-2', 'other/rows', 'team/more']);
  expect(await datasets({ search: { owner: 'team' } })).toEqual(['team/rows', 'team/rows-2', 'team/more']);
  expect(await datasets({ search: { owner: 'team', query: 'ROWS' } })).toEqual(['team/rows', 'team/rows-2']);
  expect(await datasets({ limit: 2 })).toEqual(['team/rows', 'team/rows-2']);
  // The client asks for 500 at a time: here for two.
  const ofTwo: typeof fetch = (url, init) => fetch(String(url).replace('limit=500', 'limit=2'), init);
  expect(await datasets({ fetch: ofTwo })).toEqual(['team/rows', 'team/rows-2', 'other/rows', 'team/more']);
  const models = [];
  for await (const { name, filePaths } of listModels({ ...hub, additionalFields: ['filePaths'] }))
    models.push([name, filePaths]);
  expect(models).toEqual([['team/tuned', ['folder/one.jsonl']]]);
});

test('a snapshot is another revision than was asked for, or has no folders', async () => {
  const { hub, shas } = await twoRepositories();
  await uploadFile({ ...hub, repo: MODEL, file: { path: 'two', content: new Blob(['2']) } });
  const cacheDir = await aFolder();
  const entries = async (revision: string) => {
    const folder = await snapshotDownload({ ...hub, repo: MODEL, cacheDir, revision });
    expect(await readFile(join(folder, 'folder', 'one.jsonl'), 'utf8')).toBe(TEXT);
    return (await readdir(folder)).sort();
  };
  expect(await entries('main')).toEqual(['folder', 'two']);
  expect(await entries(shas[1] ?? '')).toEqual(['folder']);
});
