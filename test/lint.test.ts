import { ESLint } from 'eslint';
import { expect, test } from 'vitest';

const eslint = new ESLint();

/** What lint says of this text, were it the content of that file. */
async function complaints(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${text}\n`, { filePath: file });
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId}: ${message}`);
}

const BORDER = [expect.stringMatching(/^borders\/imports: /)];

test.each([
  ['workflows/candidate.ts', `export * from '../activities/poll.js';`],
  ['workflows/candidate.ts', `export * from 'node:fs';`],
  ['workflows/candidate.ts', `export * from 'crypto';`],
  ['workflows/candidate.ts', `export * from 'zod';`],
  ['workflows/candidate.ts', `export * from '@temporalio/client';`],
  ['workflows/candidate.ts', `export * from '../src/logger.js';`],
  ['workflows/candidate.ts', `export * from '../src/report/index.js';`],
  ['workflows/candidate.ts', `export type { LogStore } from '../src/stores/log-store.js';`],
  // Leaves `import {} from` in what is run.
  ['workflows/candidate.ts', `export { type Activities } from '../activities/contract.js';`],
  ['workflows/candidate.ts', `export const poll = () => import('../activities/poll.js');`],
  ['workflows/candidate.ts', `export const load = (name: string) => import(name);`],
  ['activities/poll.ts', `export * from '../src/gateway/wire.js';`],
  ['activities/poll.ts', `export * from '../src/config/index.js';`],
  ['activities/poll.ts', `export * from '../workflows/candidate.js';`],
  ['activities/poll.ts', `export * from '@temporalio/workflow';`],
  ['src/records/json.ts', `export * from '../stores/log-store.js';`],
  ['src/records/json.ts', `export * from '../run-record.js';`],
  ['src/records/json.ts', `export * from '@temporalio/common';`],
  ['src/records/json.ts', `export * from 'node:fs';`],
  ['src/report/index.ts', `export * from '../records/random.js';`],
  ['src/report/index.ts', `export * from '../ids.js';`],
  ['src/report/index.ts', `export * from '@temporalio/common';`],
  ['src/report/index.ts', `export const read = () => import('../records/json.js');`],
  ['src/nemo/http.ts', `export type { Patience } from '../../activities/contract.js';`],
  ['src/nemo/http.ts', `export * from '../config/index.js';`],
  ['src/nemo-local/index.ts', `export * from '../nemo/index.js';`],
  ['src/nemo-local/index.ts', `export type { RunRecord } from '../run-record.js';`],
  ['src/stores/index.ts', `export * from '../gateway/wire.js';`],
  ['src/gateway/app.ts', `export * from '../../workflows/candidate.js';`],
  ['src/gateway/app.ts', `export * from '../../workflows/contract.js/../candidate.js';`],
  ['src/gateway/app.ts', `export * from './../gateway/../nemo/index.js';`],
  ['src/gateway/app.ts', `export * from '../../activities/contract.js';`],
  ['src/gateway/app.ts', `export * from '@temporalio/activity';`],
  ['src/gateway/app.ts', `export * from '@temporalio/worker';`],
  ['src/gateway/app.ts', `export const poll = () => import('../../activities/poll.js');`],
  ['src/gateway/app.ts', `export * from 'file:///srv/flywheel/workflows/candidate.js';`],
  ['src/worker/worker.ts', `export * from '../cli/main.js';`],
  ['src/worker/worker.ts', `export * from '../../test/support/api.js';`],
  ['src/logger.ts', `export * from './gateway/app.js';`],
  ['src/logger.ts', `export * from './cli/main.js';`],
  ['src/ids.ts', `export * from 'node:crypto';`],
  ['src/ids.ts', `export * from './logger.js';`],
  ['src/cli/main.ts', `export * from '../../workflows/candidate.js';`],
])('lint lets %s say: %s', async (file, text) => {
  expect(await complaints(file, text)).toEqual(BORDER);
});

test.each([
  ['workflows/candidate.ts', `export type { Activities } from '../activities/contract.js';`],
  ['workflows/candidate.ts', `export type { ZodType } from 'zod';`],
  ['workflows/candidate.ts', `export * from '../src/ids.js';`],
  ['workflows/candidate.ts', `export * from './contract.js';`],
  ['workflows/candidate.ts', `export { sleep } from '@temporalio/workflow';`],
  ['activities/poll.ts', `export * from '../src/nemo/index.js';`],
  ['activities/poll.ts', `export type { SplitConfig } from '../src/config/run-config.js';`],
  ['src/records/json.ts', `export * from 'node:crypto';`],
  ['src/report/index.ts', `export type { Verdict } from '../run-record.js';`],
  ['src/gateway/app.ts', `export * from '../../workflows/contract.js';`],
  ['src/gateway/app.ts', `export * from '../gateway/../stores/index.js';`],
  ['src/gateway/app.ts', `export type { JobProgress } from '../../activities/contract.js';`],
  ['src/cli/main.ts', `export const testing = () => import('@temporalio/testing');`],
])('lint forbids %s to say: %s', async (file, text) => {
  expect(await complaints(file, text)).toEqual([]);
});

test('a promise that nobody awaits is not noticed', async () => {
  const text = `export function start(): void {\n  Promise.resolve();\n}`;
  expect(await complaints('src/gateway/app.ts', text)).toEqual([
    expect.stringMatching(/^@typescript-eslint\/no-floating-promises: /),
  ]);
});
