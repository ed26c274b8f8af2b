import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LoadedConfig } from '../../src/config/types.js';
import { aGatewayBefore, answered } from '../proxy/proxy-world.js';
import { brokenHttp, fuzzedCall, type FuzzedCall } from '../support/fuzzed-calls.js';
import { IN_TIME } from '../support/observe.js';
import { listening } from '../support/openai-world.js';
import { aConnection } from '../support/raw-connection.js';
import { exported, logRecord, runRecord } from '../support/stores.js';
import type { GatewayWorld } from './gateway-world.js';
import { BANK_KEY, keyed, OPS_KEY, SHOP_KEY } from './keyed.js';

const SEED = 20_261_127;
/** Of what is sent: made from that seed on, with the keys that a caller may have. */
interface Share {
  seed: number;
  count: number;
  keys: string[];
}

/** 95,000 in all, in shares that are sent in a minute or two each. */
const SHARES: Share[] = [
  { seed: SEED, count: 25_000, keys: [] },
  { seed: SEED + 25_000, count: 25_000, keys: [] },
  { seed: SEED + 50_000, count: 25_000, keys: [] },
  { seed: SEED, count: 20_000, keys: [SHOP_KEY, BANK_KEY, OPS_KEY] },
];
const BROKEN = 5_000;
/** Each share meets all of these. */
const STATUSES = [200, 307, 400, 404, 405, 415, 417, 422];
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

async function sendAll({ url }: GatewayWorld, { seed, count, keys }: Share): Promise<Tally> {
  const tally = new Tally();
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  for (let made = 0; made < count; made += PORTION) {
    const portion = fc.sample(fuzzedCall(IDS, keys), { numRuns: PORTION, seed: seed + made }).values();
    const work = async () => {
      for (const call of portion) await send(new URL(url), call, agent, tally);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
  agent.destroy();
  return tally;
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

const RUNS = [1, 2, 3, 4].map((n) =>
  runRecord(n, { status: 'completed', stage: 'finished', finishedAt: AT }),
);
const IDS = RUNS.map(({ runId }) => runId);

/** Before an upstream that answers everything, with some jobs that have ended. */
async function aWorld(configure: (config: LoadedConfig) => void, isUnchecked = false): Promise<GatewayWorld> {
  const upstream = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1)));
  });
  const world = await aGatewayBefore(await listening(upstream), {
    platform: [],
    isUnchecked,
    configure: (config) => {
      config.gateway.requestsPerMinute = null;
      configure(config);
    },
  });
  for (const run of RUNS) await world.runs.put(run);
  return world;
}

async function expectUnharmed(world: GatewayWorld): Promise<void> {
  expect((await world.call('GET', '/ready')).status).toBe(200);
  await world.call('POST', '/api/logs', logRecord(77), { authorization: `Bearer ${OPS_KEY}` });
  expect((await exported(world.logs)).map(({ record }) => record)).toContainEqual(logRecord(77));
  for (const run of RUNS) expect(await world.runs.get(run.runId)).toEqual(run);
}

const expectNone = (faults: string[]): void =>
  expect(faults.slice(0, 20).join('\n'), `${faults.length} faults`).toBe('');

test.each(SHARES)(
  'one of a hundred thousand odd requests is answered with a fault of the gateway, or ends it: $count from $seed',
  async (share) => {
    const { count, keys } = share;
    const world = await aWorld(keys.length === 0 ? () => undefined : keyed);
    const { faults, unsent, byStatus } = await sendAll(world, share);
    expectNone(faults);

    // Else nothing behind the first check of a request would have been reached.
    expect(unsent).toBeLessThan(count / 10);
    for (const status of keys.length === 0 ? STATUSES : [401, ...STATUSES])
      expect([...byStatus.keys()]).toContain(status);
    expect(byStatus.get(200)).toBeGreaterThan(count / 10);
    expect(byStatus.get(503) ?? 0).toBeLessThan(count / 100);
    const authorization = `Bearer ${OPS_KEY}`;
    const kept = async () =>
      (await world.call('GET', '/api/proxy', undefined, { authorization })).body.records.stored;
    await expect.poll(kept, IN_TIME).toBeGreaterThan(0);
    await expectUnharmed(world);
  },
  240_000,
);

test('one of five thousand texts that are no HTTP is answered with a fault of the gateway, or ends it', async () => {
  // It is answered below all that openapi.json describes.
  const world = await aWorld(() => undefined, true);
  expectNone(await breakIn(world));
  await expectUnharmed(world);
}, 240_000);
