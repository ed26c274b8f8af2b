import { createServer } from 'node:http';
import { expect, test, vi } from 'vitest';
import { followJob } from '../../src/cli/follow.js';
import { JobClient } from '../../src/cli/job-client.js';
import { LineProgress } from '../../src/cli/line-progress.js';
import { TerminalProgress } from '../../src/cli/terminal-progress.js';
import { listening } from '../support/listening.js';
import { IN_TIME } from '../support/observe.js';
import { aTerminal } from '../support/terminal.js';
import { aJob, aNim } from './job-document.js';

type Answer = [status: number, body: object];

/** A gateway that gives these answers one after the other, the last one for ever. */
async function aGateway(...answers: Answer[]): Promise<JobClient> {
  const server = createServer((_, response) => {
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  return new JobClient(await listening(server));
}

const quiet = () => vi.spyOn(console, 'log').mockImplementation(() => undefined);
const queued = aJob({ status: 'pending', stage: 'queued', finished_at: null, nims: [] });
const running = aJob({ status: 'running', stage: 'building-datasets', finished_at: null });

test('a gateway that is restarted ends what follows a job', async () => {
  const said = quiet();
  const client = await aGateway([200, running], [503, { detail: 'starting' }], [200, aJob()]);
  expect((await followJob(client, 'id', new LineProgress())).status).toBe('completed');
  expect(said.mock.calls.flat()).toContain('job: running');
  expect(said.mock.calls.flat()).toContain('job: done');
  said.mockRestore();
});

test('a job that is not there is asked for again and again', async () => {
  const client = await aGateway([404, { detail: 'Job not found' }]);
  await expect(followJob(client, 'id', new LineProgress())).rejects.toThrow(/404: Job not found/);
});

test.each([true, false])('following goes on after Ctrl-C (on a terminal: %s)', async (onTty) => {
  const said = quiet();
  const progress = onTty ? new TerminalProgress(aTerminal().stream) : new LineProgress();
  const interruption = new AbortController();
  const following = followJob(await aGateway([200, running]), 'id', progress, interruption.signal);
  interruption.abort(new Error('Interrupted.'));
  await expect(following).rejects.toThrow('Interrupted.');
  said.mockRestore();
});

test('a job that was queued when a terminal first saw it never shows its candidates', async () => {
  const { stream, screen } = aTerminal();
  const begun = { ...running, nims: [aNim({ status: 'running-evals' })] };
  const client = await aGateway([200, queued], [200, begun], [200, aJob()]);
  await followJob(client, 'id', new TerminalProgress(stream));
  expect(screen()).toContain('✔ meta/small\n  ✔ as it is · right function 0.90 (n 50)');
});

test('a job that fails before it has candidates is shown for ever on a terminal', async () => {
  const { stream, screen } = aTerminal();
  const failed = { ...queued, status: 'failed', finished_at: running.started_at, error: 'no such workload' };
  const client = await aGateway([200, queued], [200, failed]);
  const job = await followJob(client, 'id', new TerminalProgress(stream));
  expect(job.error).toBe('no such workload');
  expect(screen()).toContain('✖ job\n✖ datasets\n');
});

test('the last frame is drawn over what is said after Ctrl-C', async () => {
  const { stream, screen } = aTerminal();
  const interruption = new AbortController();
  const following = followJob(
    await aGateway([200, running]),
    'id',
    new TerminalProgress(stream),
    interruption.signal,
  );
  await expect.poll(screen, IN_TIME).toContain('building datasets');
  interruption.abort(new Error('Interrupted.'));
  const afterwards = screen();
  await expect(following).rejects.toThrow('Interrupted.');
  expect(screen()).toBe(afterwards);
});
