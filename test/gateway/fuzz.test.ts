import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenHttp, fuzzedCall, type FuzzedCall } from '../support/fuzzed-calls.js';
import { aConnection } from '../support/raw-connection.js';
import { exported, logRecord, runRecord } from '../support/stores.js';
import { aGateway, type GatewayWorld } from './gateway-world.js';

const SEED = 20_261_127;
const REQUESTS = 95_000;
const BROKEN = 5_000;
/** Made at a time, so that they do not fill the memory. */
const PORTION = 5_000;
const AT_ONCE = 16;
const ANSWERED_MS = 30_000;
const AT = '2026-01-05T10:00:00.000Z';

const show = ({ method, path, headers, body }: FuzzedCall, what: string) =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 200)} ${String(body).slice(0, 400)}\n → ${what}`;

interface Answer {
  status: number;
  body: string;
  isPassing: boolean;
}

class Tally {
  readonly faults: string[] = [];
  readonly byStatus = new Map<number, number>();
  unsent = 0;

  add(call: FuzzedCall, { status, body, isPassing }: Answer): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    // A Temporal that is slow for once is none of the gateway's faults, and told as what it is.
    if ((status >= 500 && !isPassing) || /\n +at |node_modules/.test(body))
      this.faults.push(show(call, `${status} ${body.slice(0, 300)}`));
  }
}

/** null: the client's own library refuses to send it. */
async function answerTo(
  url: URL,
  { method, path, headers, body }: FuzzedCall,
  agent: Agent | false,
): Promise<Answer | null> {
  const { hostname, port } = url;
  const bytes = method === 'TRACE' ? '' : (body ?? '');
  const length = { 'content-length': String(Buffer.byteLength(bytes)) };
  const signal = AbortSignal.timeout(ANSWERED_MS);
  let sent;
  try {
    sent = request({ hostname, port, method, path, headers: { ...headers, ...length }, signal, agent });
  } catch {
    return null;
  }
  sent.end(bytes);
  const [response]: IncomingMessage[] = await once(sent, 'response');
  if (!response) return null;
  const { statusCode: status = 0, headers: told } = response;
  const isPassing = status === 503 && told['retry-after'] !== undefined;
  return { status, body: await text(response), isPassing };
}

async function send(url: URL, call: FuzzedCall, agent: Agent, tally: Tally): Promise<void> {
  try {
    // A connection that the gateway has just closed, as it may after any answer, tells nothing of this request.
    const answer = await answerTo(url, call, agent).catch(() => answerTo(url, call, false));
    if (answer === null) tally.unsent++;
    else tally.add(call, answer);
  } catch (error) {
    tally.faults.push(show(call, String(error)));
  }
}

async function sendAll(world: GatewayWorld, ids: string[], tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const url = new URL(world.url);
  for (let made = 0; made < REQUESTS; made += PORTION) {
    const portion = fc.sample(fuzzedCall(ids), { numRuns: PORTION, seed: SEED + made }).values();
    const work = async () => {
      for (const call of portion) await send(url, call, agent, tally);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
  agent.destroy();
}

async function breakIn({ url }: GatewayWorld): Promise<string[]> {
  const faults: string[] = [];
  const queue = fc.sample(brokenHttp, { numRuns: BROKEN, seed: SEED }).values();
  const work = async () => {
    for (const bytes of queue) {
      const { socket, all } = await aConnection(url);
      socket.end(bytes, 'latin1');
      const said = await all;
      if (/^HTTP\/1\.1 5/m.test(said) || / at .*\.[jt]s:/.test(said))
        faults.push(`${bytes.slice(0, 300)} → ${said}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return faults;
}

test('one of a hundred thousand odd requests is answered with a fault of the gateway, or ends it', async () => {
  const world = await aGateway({
    platform: [],
    isUnchecked: true,
    configure: ({ gateway }) => void (gateway.requestsPerMinute = null),
  });
  const runs = [1, 2, 3, 4].map((n) =>
    runRecord(n, { status: 'completed', stage: 'finished', finishedAt: AT }),
  );
  for (const run of runs) await world.runs.put(run);
  const tally = new Tally();
  const ids = runs.map(({ runId }) => runId);
  await sendAll(world, ids, tally);
  const faults = [...tally.faults, ...(await breakIn(world))];
  expect(faults.slice(0, 20).join('\n'), `${faults.length} faults`).toBe('');

  // Else nothing behind the first check of a request would have been reached.
  expect(tally.unsent).toBeLessThan(REQUESTS / 10);
  for (const status of [200, 307, 400, 404, 405, 415, 417, 422])
    expect([...tally.byStatus.keys()]).toContain(status);
  expect(tally.byStatus.get(200)).toBeGreaterThan(REQUESTS / 10);
  expect(tally.byStatus.get(503) ?? 0).toBeLessThan(REQUESTS / 100);

  expect((await world.call('GET', '/ready')).status).toBe(200);
  await world.call('POST', '/api/logs', logRecord(77));
  expect((await exported(world.logs)).map(({ record }) => record)).toContainEqual(logRecord(77));
  for (const run of runs) expect(await world.runs.get(run.runId)).toEqual(run);
}, 240_000);
