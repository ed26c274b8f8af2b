import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  countCommits,
  createBranch,
  createRepo,
  deleteBranch,
  listCommits,
  pathsInfo,
} from '@huggingface/hub';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { ACCESS_TOKEN, aFolder, aPlatform, get, post, send } from '../support/local-platform.js';

const REPO = { type: 'dataset', name: 'test/rows' } as const;
const hub = ({ dataStoreUrl }: NemoLocal) => ({
  hubUrl: `${dataStoreUrl}/v1/hf`,
  accessToken: ACCESS_TOKEN,
  repo: REPO,
});

async function aRepository(dataDir?: string): Promise<NemoLocal> {
  const platform = await aPlatform(dataDir === undefined ? {} : { dataDir });
  await createRepo(hub(platform));
  return platform;
}

const apiOf = ({ dataStoreUrl }: NemoLocal) => `${dataStoreUrl}/v1/hf/api/datasets/test/rows`;

/** Sends commit lines; strings are sent as they are. */
async function commit(platform: NemoLocal, lines: (object | string)[], revision = 'main') {
  const response = await fetch(`${apiOf(platform)}/commit/${revision}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

const header = (value: object = {}) => ({ key: 'header', value: { summary: 'a change', ...value } });
const file = (path: string, text: string) => ({
  key: 'file',
  value: { path, content: Buffer.from(text).toString('base64'), encoding: 'base64' },
});
const resolve = ({ dataStoreUrl }: NemoLocal, path: string, init: RequestInit = {}) =>
  fetch(`${dataStoreUrl}/v1/hf/datasets/test/rows/resolve/${path}`, init);

const Committed = z.object({ commitOid: z.string() });

test('a moved repository loses its files, or its old name is not free', async () => {
  const dataDir = await aFolder();
  const platform = await aRepository(dataDir);
  await commit(platform, [header(), file('a', '1')]);
  const move = () =>
    post(`${platform.dataStoreUrl}/v1/hf/api/repos/move`, {
      fromRepo: 'test/rows',
      toRepo: 'other/moved',
      type: 'dataset',
    });
  expect((await move()).status).toBe(200);
  expect(await move()).toMatchObject({ status: 404, body: { error: expect.stringContaining('test/rows') } });
  await createRepo(hub(platform));
  expect(await move()).toMatchObject({ status: 409, body: { url: 'datasets/other/moved' } });
  await platform.close();
  const { dataStoreUrl } = await aPlatform({ dataDir });
  const moved = await fetch(`${dataStoreUrl}/v1/hf/datasets/other/moved/resolve/main/a`);
  expect([moved.status, await moved.text()]).toEqual([200, '1']);
});

test('a branch loses what main has lost, or is there when deleted', async () => {
  const platform = await aRepository();
  await commit(platform, [header(), file('a', '1')]);
  await createBranch({ ...hub(platform), branch: 'kept' });
  await expect(createBranch({ ...hub(platform), branch: 'kept' })).rejects.toThrow('already exists');
  await commit(platform, [header(), { key: 'deletedFile', value: { path: 'a' } }]);
  expect([(await resolve(platform, 'kept/a')).status, (await resolve(platform, 'main/a')).status]).toEqual([
    200, 404,
  ]);
  await deleteBranch({ ...hub(platform), branch: 'kept' });
  expect((await resolve(platform, 'kept/a')).headers.get('x-error-code')).toBe('RevisionNotFound');
  await expect(deleteBranch({ ...hub(platform), branch: 'main' })).rejects.toThrow('cannot be deleted');
  expect(await post(`${apiOf(platform)}/branch/a..b`, {})).toMatchObject({ status: 422 });
});

test('the history or a revision does not survive a restart', async () => {
  const dataDir = await aFolder();
  const first = await aRepository(dataDir);
  const { commitOid } = Committed.parse(
    (await commit(first, [header({ description: 'why' }), file('a', '1')])).body,
  );
  await commit(first, [header(), file('a', '2')]);
  await first.close();
  const second = await aPlatform({ dataDir });
  expect(await (await resolve(second, `${commitOid}/a`)).text()).toBe('1');
  const commits = [];
  for await (const one of listCommits({ ...hub(second), batchSize: 2 }))
    commits.push([one.title, one.message]);
  expect(commits).toEqual([
    ['a change', ''],
    ['a change', 'why'],
    ['initial commit', ''],
  ]);
  expect(await countCommits(hub(second))).toBe(3);
});

test('ids of files and folders are not those that git gives them', async () => {
  const platform = await aRepository();
  const files = { 'b.jsonl': 'b', 'a/z.jsonl': 'z', 'a/ü/1': '', 'a.b/c': 'c' };
  await commit(platform, [header(), ...Object.entries(files).map(([path, text]) => file(path, text))]);
  const { body } = await get(`${apiOf(platform)}/tree/main?recursive=true`);
  const entries = z.array(z.object({ path: z.string(), oid: z.string(), type: z.string() })).parse(body);
  const folder = await aFolder();
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  git('init', '--quiet');
  git('config', 'core.quotepath', 'false');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git('add', '.');
  const listed = git('ls-tree', '-r', '-t', git('write-tree'))
    .split('\n')
    .map((line) => line.split(/\s/))
    .map(([, , oid, path]) => `${path} ${oid}`);
  expect(entries.map(({ path, oid }) => `${path} ${oid}`).sort()).toEqual(listed.sort());
});

test('a commit on an outdated parent is taken', async () => {
  const platform = await aRepository();
  const { commitOid } = Committed.parse((await commit(platform, [header(), file('a', '1')])).body);
  const onParent = () => commit(platform, [header({ parentCommit: commitOid }), file('a', '2')]);
  expect([(await onParent()).status, (await onParent()).status]).toEqual([200, 412]);
});

test.each([
  ['a path that leaves the repository', [file('../a', '1')], 422],
  ['a path into git itself', [file('x/.git/config', '1')], 422],
  ['a line that is not JSON', ['{"key"'], 400],
  ['an unknown kind of line', [{ key: 'copyFile', value: { path: 'a' } }], 422],
  [
    'large content that was never uploaded',
    [{ key: 'lfsFile', value: { path: 'a', oid: 'a'.repeat(64) } }],
    400,
  ],
  ['a file where a folder is', [file('a/b', '1'), file('a', '1')], 400],
  ['a folder that is not there', [{ key: 'deletedFolder', value: { path: 'none' } }], 404],
])('a commit with %s is taken, or changes something', async (_, lines, status) => {
  const platform = await aRepository();
  expect(await commit(platform, [header(), file('before', '1'), ...lines])).toMatchObject({
    status,
    body: { error: expect.any(String) },
  });
  expect((await get(`${apiOf(platform)}/tree/main`)).body).toEqual([]);
});

test('a commit is made on another commit than the head of a branch, or as a pull request', async () => {
  const platform = await aRepository();
  const { commitOid } = Committed.parse((await commit(platform, [header(), file('a', '1')])).body);
  expect((await commit(platform, [header(), file('a', '2')], commitOid)).status).toBe(400);
  expect((await commit(platform, [header(), file('a', '2')], 'main?create_pr=1')).status).toBe(400);
  expect(await (await resolve(platform, 'main/a')).text()).toBe('1');
});

test('what a folder wants ignored is uploaded, or the size of files is not told', async () => {
  const { dataStoreUrl } = await aPlatform();
  const hub = `${dataStoreUrl}/v1/hf`;
  await post(`${hub}/api/repos/create`, { name: 'r', organization: 'test', type: 'dataset' });
  const api = `${hub}/api/datasets/test/r`;
  const paths = ['a.tmp', 'keep.tmp', 'out/a.jsonl', 'training/out/a.jsonl'];
  const files = paths.map((path) => ({ path, size: 1, sample: '' }));
  const asked = await post(`${api}/preupload/main`, { files, gitIgnore: '*.tmp\n!keep.tmp\n/out/\n' });
  const uploads = z.object({ files: z.array(z.object({ path: z.string(), shouldIgnore: z.boolean() })) });
  expect(uploads.parse(asked.body).files.filter(({ shouldIgnore }) => shouldIgnore)).toEqual([
    { path: 'a.tmp', shouldIgnore: true },
    { path: 'out/a.jsonl', shouldIgnore: true },
  ]);
  const lines = [
    { key: 'header', value: { summary: 's' } },
    { key: 'file', value: { path: 'a', content: 'eA==' } },
  ];
  const body = lines.map((line) => JSON.stringify(line)).join('\n');
  await fetch(`${api}/commit/main`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect((await get(api)).body).toMatchObject({ siblings: [{ rfilename: 'a' }] });
  expect((await get(`${api}?blobs=True`)).body).toMatchObject({
    siblings: [{ rfilename: 'a', size: 1, blobId: expect.stringMatching(/^[0-9a-f]{40}$/) }],
  });
});

test('a range is served whole, or one past the end is a failure and no 416', async () => {
  const platform = await aRepository();
  await commit(platform, [header(), file('digits', '0123456789')]);
  const range = async (bytes: string) => {
    const response = await resolve(platform, 'main/digits', { headers: { range: `bytes=${bytes}` } });
    return [response.status, response.headers.get('content-range'), response.ok && (await response.text())];
  };
  expect(await range('2-4')).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await range('-2')).toEqual([206, 'bytes 8-9/10', '89']);
  expect(await range('10-')).toEqual([416, 'bytes */10', false]);
  const head = await resolve(platform, 'main/digits', { method: 'HEAD' });
  expect([head.headers.get('content-length'), head.headers.get('accept-ranges')]).toEqual(['10', 'bytes']);
  expect(head.headers.get('x-repo-commit')).toMatch(/^[0-9a-f]{40}$/);
});

test('the raw form of a large file is not its pointer', async () => {
  const platform = await aRepository();
  const content = randomBytes(20).toString('hex');
  const oid = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(content))).toString('hex');
  await fetch(`${platform.dataStoreUrl}/datasets/test/rows.git/info/lfs/objects/${oid}/40`, {
    method: 'PUT',
    body: content,
  });
  await commit(platform, [header(), { key: 'lfsFile', value: { path: 'a', oid } }]);
  const raw = await fetch(`${platform.dataStoreUrl}/v1/hf/datasets/test/rows/raw/main/a`);
  expect(await raw.text()).toContain(`oid sha256:${oid}\nsize 40`);
  expect(await (await resolve(platform, 'main/a')).text()).toBe(content);
  expect(await pathsInfo({ ...hub(platform), paths: ['a', 'none'], expand: true })).toMatchObject([
    { path: 'a', lfs: { oid, size: 40 }, lastCommit: { title: 'a change' } },
  ]);
});

test('names that no repository may have are not a 422, or other kinds of repository not a 404', async () => {
  const { dataStoreUrl } = await aPlatform();
  const create = (name: string, organization?: string) =>
    post(`${dataStoreUrl}/v1/hf/api/repos/create`, { name, organization, type: 'dataset' });
  expect(await create('no-namespace')).toMatchObject({
    status: 422,
    body: { error: 'id: Value error, expected namespace/name' },
  });
  expect((await create('..', 'test')).status).toBe(422);
  expect((await create('x'.repeat(180), 'y'.repeat(180))).status).toBe(200);
  expect((await get(`${dataStoreUrl}/v1/hf/api/spaces/a/b`)).headers.get('x-error-code')).toBe(
    'RepoNotFound',
  );
  expect((await send('DELETE', `${dataStoreUrl}/v1/datastore/namespaces/none`)).status).toBe(404);
});

test('a repository whose deletion a kill cut short leaves something to its successor', async () => {
  const dataDir = await aFolder();
  const first = await aRepository(dataDir);
  const { commitOid } = Committed.parse((await commit(first, [header(), file('a', '1')])).body);
  await first.close();
  rmSync(join(dataDir, 'repositories', 'dataset', 'test', 'rows', 'refs.json'));
  const second = await aRepository(dataDir);
  await second.close();
  const third = await aPlatform({ dataDir });
  expect((await resolve(third, 'main/a')).status).toBe(404);
  expect((await resolve(third, `${commitOid}/a`)).status).toBe(404);
});
