import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { configurePool } from '../../activities/index.js';
import { tellSettings } from '../../src/cli/pool-settings.js';
import { loadConfig } from '../../src/config/index.js';
import { connectClient } from '../../src/temporal.js';
import { gpuPoolWorkflowId } from '../../workflows/contract.js';
import { aFreezableWay } from '../support/freezable-way.js';

/** A Temporal that may be cut off, the settings of a pool there, and what the user has read. */
async function aTelling({ onSaid = () => undefined }: { onSaid?: () => void } = {}) {
  const way = await aFreezableWay(`http://${inject('temporal').address}`);
  const { client, close } = await connectClient(new URL(way.url).host);
  onTestFinished(close);
  const { gpuPool, run } = loadConfig({ file: 'config/demo.yaml', env: {}, dataDir: '' });
  const start = { settings: gpuPool, timing: run.timing, continueAfter: null };
  const taskQueue = `flywheel-${randomUUID()}`;
  const said: string[] = [];
  const interruption = new AbortController();
  const say = (line: string) => {
    said.push(line);
    onSaid();
  };
  const tell = (to: Client = client) => configurePool(to, taskQueue, start);
  const telling = { signal: interruption.signal, say };
  return { way, client, taskQueue, said, interruption, tell, telling };
}

test('a worker ends, or waits without a word, when Temporal is away for once as it starts', async () => {
  const { way, client, taskQueue, said, tell, telling } = await aTelling({ onSaid: () => way.mend() });
  way.cut();
  await tellSettings(tell, telling);
  expect(said).toEqual([
    expect.stringMatching(/^Temporal has not taken the settings of the GPU pool \(.+\); trying again …$/),
  ]);
  const pool = client.workflow.getHandle(gpuPoolWorkflowId(taskQueue));
  expect((await pool.describe()).status.name).toBe('RUNNING');
  await pool.terminate('a test ends it');
}, 60_000);

test('a worker tries for ever when Temporal stays away, or is told to end', async () => {
  const { way, said, interruption, tell, telling } = await aTelling({ onSaid: () => interruption.abort() });
  way.cut();
  await expect(tellSettings(tell, telling, 0)).rejects.toThrow(
    /not taken its settings within 0 s \(.+\): see/,
  );
  expect(said).toEqual([]);
  await expect(tellSettings(tell, telling)).rejects.toThrow('aborted');
  expect(said).toHaveLength(1);
}, 60_000);

test('a worker goes on trying what Temporal refuses', async () => {
  const { client, said, tell, telling } = await aTelling();
  const elsewhere = new Client({ connection: client.connection, namespace: 'nowhere' });
  await expect(tellSettings(() => tell(elsewhere), telling)).rejects.toThrow();
  expect(said).toEqual([]);
});
