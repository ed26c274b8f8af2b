import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { fuzzedRequest, type FuzzedRequest, type KnownNames } from '../support/fuzzed-requests.js';
import { aTraining, admin, anEvaluation } from '../support/local-jobs.js';
import { aDataset, aDeployment, aFolder, aPlatform, overJob } from '../support/local-platform.js';
import type { ServiceUrl } from '../support/platform-routes.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

const SEED = 20_260_101;
const REQUESTS = 10_000;
const AT_ONCE = 16;
const ANSWERED_MS = 30_000;

/** A platform with something of each kind, and the names of it. */
async function aFullPlatform(dataDir: string): Promise<{ platform: NemoLocal; names: KnownNames }> {
  const platform = await aPlatform({ dataDir, gpus: 8 });
  await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(8) });
  await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(4) });
  await aDeployment(platform, 'meta/tiny-1b');
  await aDeployment(platform, 'meta/embed-1b');
  const training = await aTraining(platform, { model: 'meta/tiny-1b' });
  const evaluation = await anEvaluation(platform, 'meta/tiny-1b');
  await overJob(training);
  await overJob(evaluation);
  const idOf = (url: string) => url.split('/').at(-1) ?? '';
  return {
    platform,
    names: {
      namespace: ['test', 'default'],
      name: ['d', 'e', 'n', 'meta-tiny-1b', 'main', 't'],
      training: [idOf(training)],
      evaluation: [idOf(evaluation)],
      kind: ['datasets', 'models'],
      revision: ['main', 'HEAD', 'refs%2Fheads%2Fmain'],
    },
  };
}

interface Outcome {
  status: number;
  body: string;
}

/** null: the client's own library refuses to send it. */
async function outcomeOf(platform: NemoLocal, fuzzed: FuzzedRequest): Promise<Outcome | null> {
  const { service, method, path, headers, body } = fuzzed;
  const { hostname, port } = new URL(platform[service]);
  const signal = AbortSignal.timeout(ANSWERED_MS);
  let sent;
  // A connection for each: one that breaks is this request's own.
  try {
    sent = request({ hostname, port, method, path, headers, signal, agent: false });
  } catch {
    return null;
  }
  sent.end(method === 'TRACE' ? undefined : body);
  const [response]: IncomingMessage[] = await once(sent, 'response');
  return response ? { status: response.statusCode ?? 0, body: await text(response) } : null;
}

/** The one 500 that the platform itself has. */
const isDocumented = ({ body }: Outcome) => body.includes('model deployment already exists');

const show = ({ service, method, path, headers, body }: FuzzedRequest, what: string) =>
  `${method} ${service}${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 200)} ${String(body).slice(0, 600)}\n → ${what}`;

/** What became of the requests: how many were not sent, and how many each service carried out. */
class Tally {
  unsent = 0;
  readonly carriedOut: Record<ServiceUrl, number> = { nemoUrl: 0, nimUrl: 0, dataStoreUrl: 0 };

  add({ service }: FuzzedRequest, outcome: Outcome | null): void {
    if (outcome === null) this.unsent++;
    else if (outcome.status >= 200 && outcome.status < 300) this.carriedOut[service]++;
  }
}

async function faultOf(platform: NemoLocal, fuzzed: FuzzedRequest, tally: Tally): Promise<string[]> {
  try {
    const outcome = await outcomeOf(platform, fuzzed);
    tally.add(fuzzed, outcome);
    if (outcome === null || outcome.status < 500 || isDocumented(outcome)) return [];
    return [show(fuzzed, `${outcome.status} ${outcome.body.slice(0, 300)}`)];
  } catch (error) {
    return [show(fuzzed, String(error))];
  }
}

test('ten thousand odd requests: each is answered, none by a fault of the platform, and the state can be read again', async () => {
  const dataDir = await aFolder();
  const { platform, names } = await aFullPlatform(dataDir);
  const queue = fc.sample(fuzzedRequest(names), { numRuns: REQUESTS, seed: SEED }).values();
  const faults: string[] = [];
  const tally = new Tally();
  const work = async () => {
    for (const fuzzed of queue) faults.push(...(await faultOf(platform, fuzzed, tally)));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(faults.slice(0, 20).join('\n'), `${faults.length} faults`).toBe('');
  // Else nothing behind the first check of a request would have been reached.
  expect(tally.unsent).toBeLessThan(REQUESTS / 10);
  for (const carriedOut of Object.values(tally.carriedOut)) expect(carriedOut).toBeGreaterThan(0);
  await platform.close();
  const again = await aPlatform({ dataDir, gpus: 8 });
  expect(await admin(again, 'state')).toMatchObject({ gpus: { total: 8 } });
}, 120_000);

const NO_HTTP = fc.sample(
  fc.oneof(
    fc
      .uint8Array({ minLength: 1, maxLength: 300 })
      .map((bytes) => Buffer.concat([bytes, Buffer.from('\r\n\r\n')]).toString('latin1')),
    fc.constantFrom(
      'GET /%\u0000 HTTP/1.1\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'POST /v1/namespaces HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n',
      'POST /v1/namespaces HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      `GET /${'x'.repeat(70_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      `GET / HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(70_000)}\r\n\r\n`,
    ),
  ),
  { numRuns: 300, seed: SEED },
);

/** What no client of ours would send, though it is HTTP. */
const ODD_TARGETS = [
  '*',
  '//v1/models',
  '//[',
  'http://[/v1/models',
  '/v1/models?page=[',
  '/v1/models?%',
  '/%',
];
const ODD_HOSTS = ['[', 'a b', 'x:y:z', ''];

async function rawAnswer(url: string, bytes: string, isWhole: boolean): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  if (isWhole) socket.write(bytes);
  else socket.end(bytes);
  return await text(socket).catch(() => '');
}

test('bytes that are no HTTP, or odd HTTP, bring no port down', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(1) });
  const history = '/v1/hf/api/datasets/test/d/commits/main?limit=1';
  for (const url of [platform.nemoUrl, platform.nimUrl, platform.dataStoreUrl]) {
    for (const bytes of NO_HTTP) expect(await rawAnswer(url, bytes, false)).not.toMatch(/^HTTP\/1.1 5/);
    const odd = [
      ...ODD_TARGETS.map((target) => ({ target, host: 'x' })),
      ...ODD_HOSTS.map((host) => ({ target: history, host })),
    ];
    for (const { target, host } of odd) {
      const bytes = `GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
      expect(await rawAnswer(url, bytes, true), bytes).toMatch(/^HTTP\/1.1 [24]/);
    }
    expect((await fetch(`${url}/v1/health/ready`)).status).not.toBe(500);
  }
}, 60_000);
