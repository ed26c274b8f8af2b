import { expect, test } from 'vitest';
import { JobClient } from '../../src/cli/job-client.js';
import { aGateway, JOB } from '../gateway/gateway-world.js';
import { keyed, SHOP_KEY } from '../gateway/keyed.js';
import { type Answering, anAnsweringServer } from '../support/answering-server.js';
import { flywheel } from '../support/program.js';

const SILENTLY = { say: () => undefined };

test('a gateway with keys cannot be used from the command line, or does not say what is missing', async () => {
  const { url } = await aGateway({ configure: keyed });
  const start = (env: NodeJS.ProcessEnv) =>
    new JobClient(url, env).start(JOB.workload_id, JOB.client_id, SILENTLY);
  await expect(start({})).rejects.toThrow(/: 401: A key is needed: .* Put it into FLYWHEEL_API_KEY\.$/);
  await expect(start({ FLYWHEEL_API_KEY: 'wrong' })).rejects.toThrow(/: 401: This key is not known/);
  const client = new JobClient(url, { FLYWHEEL_API_KEY: SHOP_KEY });
  const id = await client.start(JOB.workload_id, JOB.client_id, SILENTLY);
  expect(await client.read(id, SILENTLY)).toMatchObject({ id });
});

const busy = (status: number, retryAfter: string): Answering => ({
  ...{ status, headers: { 'retry-after': retryAfter }, body: { detail: 'Too busy' } },
});

/** A gateway that gives these answers one after the other, the last one for ever. */
async function answering(...answers: Answering[]) {
  const { url, asked } = await anAnsweringServer(
    () => (answers.length > 1 ? answers.shift() : answers[0]) ?? null,
  );
  return { url, client: new JobClient(url), asked };
}

test('a job is refused, or started twice, by a gateway that asks to wait', async () => {
  const { client, asked } = await answering(busy(429, '1'), busy(503, '1'), { body: { id: 'a1' } });
  const said: string[] = [];
  const begun = performance.now();
  expect(await client.start('w', 'c', { say: (line) => said.push(line) })).toBe('a1');
  // A timer may be a millisecond early.
  expect(performance.now() - begun).toBeGreaterThan(1_990);
  expect(said).toEqual([
    `POST ${client.url}/api/jobs: 429: Too busy. Asking again in 1 s …`,
    `POST ${client.url}/api/jobs: 503: Too busy. Asking again in 1 s …`,
  ]);
  const keys = asked.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([expect.stringMatching(/\S/), keys[0], keys[0]]);
  await client.start('w', 'c', SILENTLY);
  expect(asked.at(-1)?.headers['idempotency-key']).not.toBe(keys[0]);
});

test('the same wait is told again and again', async () => {
  const { client } = await answering(busy(429, '0'), busy(429, '0'), { body: { id: 'a1' } });
  const said: string[] = [];
  await client.read('a1', { say: (line) => said.push(line) });
  expect(said).toHaveLength(1);
});

test.each(['301', 'Fri, 01 Jan 2100 00:00:00 GMT'])('a Retry-After of %s is obeyed', async (retryAfter) => {
  const { client, asked } = await answering(busy(429, retryAfter));
  await expect(client.read('a1', SILENTLY)).rejects.toMatchObject({
    message: expect.stringMatching(/: 429: Too busy$/),
    exitCode: 1,
  });
  expect(asked).toHaveLength(1);
});

test.each(['run --workload w --client c', `watch ${'ab'.repeat(12)}`, `watch ${'ab'.repeat(12)} --json`])(
  'Ctrl-C does not end `%s` while the gateway asks to wait',
  async (command) => {
    const { url } = await answering(busy(429, '100'));
    const program = flywheel([...command.split(' '), '--url', url]);
    await program.said(/: 429: Too busy\. Asking again in 100 s …\n/);
    program.child.kill('SIGINT');
    expect(await program.ended(), program.output()).toBe(130);
    expect(program.output()).toMatch(/\nInterrupted\.\n$/);
  },
  60_000,
);
