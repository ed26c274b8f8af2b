import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aJob,
  get,
  listedModels,
  overJob,
} from '../support/local-platform.js';
import { evaluationRows, toolCallTask } from '../support/order-traffic.js';

const Urls = z.object({ nemoUrl: z.string(), nimUrl: z.string(), dataStoreUrl: z.string() });

/** A nemo-local in a process of its own; `close` kills it without warning. */
async function aProcess(dataDir: string): Promise<NemoLocal> {
  const child = fork(new URL('../support/nemo-local-process.ts', import.meta.url), [dataDir], {
    execArgv: ['--import', 'tsx'],
  });
  const close = async () => {
    if (!child.kill('SIGKILL')) return;
    await once(child, 'exit');
  };
  onTestFinished(close);
  const [urls]: unknown[] = await once(child, 'message');
  return { ...Urls.parse(urls), close };
}

test('a killed nemo-local comes back with its files, its deployments and its running evaluation', async () => {
  const dataDir = await aFolder();
  const first = await aProcess(dataDir);
  await aDataset(first, 'e', { 'eval_data.jsonl': evaluationRows(2000) });
  await aDeployment(first, 'meta/tiny-1b');
  const jobs = '/v1/evaluation/jobs';
  const id = await aJob(`${first.nemoUrl}${jobs}`, {
    config: { type: 'custom', tasks: { tools: toolCallTask('e') } },
    target: { type: 'model', model: 'meta/tiny-1b' },
  });
  const begun = { status_details: { samples_processed: expect.any(Number) } };
  await vi.waitFor(
    async () => expect((await get(`${first.nemoUrl}${jobs}/${id}`)).body).toMatchObject(begun),
    PATIENT,
  );
  await first.close();
  const second = await aProcess(dataDir);
  expect(await listedModels(second)).toEqual(['meta/tiny-1b']);
  expect(await overJob(`${second.nemoUrl}${jobs}/${id}`)).toMatchObject({
    status: 'completed',
    status_details: { samples_processed: 2000 },
  });
});
