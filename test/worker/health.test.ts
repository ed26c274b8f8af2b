import { expect, onTestFinished, test } from 'vitest';
import { startHealth } from '../../src/worker/health.js';

const ANY = { host: '127.0.0.1', port: 0 };

test('a worker does not say that it is up', async () => {
  const health = await startHealth(ANY);
  onTestFinished(() => health.close());
  const answer = await fetch(`${health.url}/health`);
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  expect((await fetch(`${health.url}/metrics`)).status).toBe(404);
});

test('a port that is taken is not named, or with no advice', async () => {
  const health = await startHealth(ANY);
  onTestFinished(() => health.close());
  const port = Number(new URL(health.url).port);
  await expect(startHealth({ ...ANY, port })).rejects.toThrow(
    new RegExp(`127\\.0\\.0\\.1:${port} \\(.*EADDRINUSE.*\\): set WORKER_HEALTH_PORT`),
  );
});

test('its end waits for a client that keeps its connection', async () => {
  const health = await startHealth(ANY);
  await (await fetch(`${health.url}/health`)).text();
  await health.close();
  await expect(fetch(`${health.url}/health`)).rejects.toThrow();
});
