import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { followJob } from '../../src/cli/follow.js';
import { JobClient } from '../../src/cli/job-client.js';
import { TerminalProgress } from '../../src/cli/terminal-progress.js';
import { aJob } from './job-document.js';

type Answer = [status: number, body: object];

/** A gateway that gives these answers one after the other, the last one for ever. */
async function aGateway(...answers: Answer[]): Promise<JobClient> {
  const server = createServer((_, response) => {
    const [status, body] = (answers.length > 1 ? answers.shift() : answers[0]) ?? [500, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return new JobClient(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
}

const quiet = () => vi.spyOn(console, 'log').mockImplementation(() => undefined);
const running = aJob({ status: 'running', stage: 'building-datasets', finished_at: null });

test('a gateway that is restarted ends what follows a job', async () => {
  const said = quiet();
  const client = await aGateway([200, running], [503, { detail: 'starting' }], [200, aJob()]);
  expect((await followJob(client, 'id', { onTty: false })).status).toBe('completed');
  expect(said.mock.calls.flat()).toContain('job: running');
  expect(said.mock.calls.flat()).toContain('job: done · completed');
  said.mockRestore();
});

test('a job that is not there is asked for again and again', async () => {
  const client = await aGateway([404, { detail: 'Job not found' }]);
  await expect(followJob(client, 'id', { onTty: false })).rejects.toThrow(/404: Job not found/);
});

test.each([true, false])('following goes on after Ctrl-C (on a terminal: %s)', async (onTty) => {
  const said = quiet();
  const interruption = new AbortController();
  const following = followJob(await aGateway([200, running]), 'id', { onTty, signal: interruption.signal });
  interruption.abort(new Error('Interrupted.'));
  await expect(following).rejects.toThrow('Interrupted.');
  said.mockRestore();
});

test('progress on a terminal takes Ctrl-C from the program, which then stops nothing', async () => {
  const before = process.listenerCount('SIGINT');
  const progress = new TerminalProgress();
  progress.show(running);
  expect(process.listenerCount('SIGINT')).toBe(before);
  await progress.end();
});

test('a job that fails before its candidates begin is shown for ever on a terminal', async () => {
  const nims = [{ ...aJob().nims[0], status: 'pending', evaluations: [] }];
  const failed = { ...aJob({ status: 'failed', error: 'only 3 records' }), nims };
  const client = await aGateway([200, { ...running, nims }], [200, failed]);
  const job = await followJob(client, 'id', { onTty: true });
  expect(job.error).toBe('only 3 records');
});
