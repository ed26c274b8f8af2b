// How fast datasets are built from Elasticsearch, in how much memory, and how long Elasticsearch itself needs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from '@elastic/elasticsearch';
import { startElasticsearch } from '../test/support/elasticsearch.js';

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    records: { type: 'string', default: '10000' },
    // Real logs, which are varied to records of about their size; without them, or with --short, records of 2 KB.
    logs: { type: 'string', default: process.env['FLYWHEEL_REAL_LOGS'] ?? '' },
    short: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
  },
});

const root = join(import.meta.dirname, '..');
const HEAP = '2g';

const count = wholeNumber('records', values.records);
const rounds = wholeNumber('rounds', values.rounds);

function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${option} ${text} is no whole number above 0`);
  return number;
}

/** Runs a part of the benchmark as a process of its own and reads its last line. */
function part(args: string[]): string {
  const env = { ...process.env, TMPDIR: scratch };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return stdout.trim().split('\n').at(-1) ?? '';
}

interface Reading {
  seconds: number;
  bytes: number;
}

interface Build extends Reading {
  /** Until the last record was read. */
  readingSeconds: number;
  /** Of all cores, without Elasticsearch. */
  cpuSeconds: number;
  peakMib: number;
}

const index = `bench-datasets-${process.pid}`;
const logs = values.short ? [] : [values.logs].filter((file) => file !== '');
const compiled = join('dist', 'bench', 'datasets');
// An interrupt ends the part that runs; what was made is still to be removed.
process.on('SIGINT', () => undefined);
const elasticsearch = await startElasticsearch(HEAP);
if ('skipped' in elasticsearch) throw new Error(elasticsearch.skipped);
const { url } = elasticsearch;
/** What the parts leave behind, also where they are killed. */
const scratch = mkdtempSync(join(tmpdir(), 'flywheel-bench-'));
try {
  part([join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'bench/tsconfig.json']);
  part([join(compiled, 'fill-index.js'), url, index, String(count), ...logs]);
  for (let round = 1; round <= rounds; round++) {
    part([join(compiled, 'touch-memory.js'), String(count * 30_000)]);
    const limit = JSON.parse(part([join(compiled, 'limit.js'), url, index])) as Reading;
    const build = JSON.parse(part([join(compiled, 'build.js'), url, index])) as Build;
    report(round, limit, build);
  }
} finally {
  await removeIndex().finally(() => elasticsearch.stop());
  rmSync(scratch, { recursive: true, force: true });
}

/** Of a server that was there before and stays. */
async function removeIndex(): Promise<void> {
  const client = new Client({ node: url, maxRetries: 0 });
  await client.indices.delete({ index: [index, `${index}-runs`], ignore_unavailable: true });
  await client.close();
}

function report(round: number, limit: Reading, build: Build): void {
  const [load = 0] = loadavg();
  console.log(
    `round ${round}: ${Math.round(count / build.seconds)} records/s (${build.seconds.toFixed(1)} s, of which reading ` +
      `${build.readingSeconds.toFixed(1)} s; ${build.cpuSeconds.toFixed(1)} s of processor), peak ` +
      `${Math.round(build.peakMib)} MiB, ${(build.bytes / 1e6).toFixed(0)} MB of JSONL; Elasticsearch alone ` +
      `${limit.seconds.toFixed(1)} s for ${(limit.bytes / 1e6).toFixed(0)} MB: ` +
      `${(build.seconds / limit.seconds).toFixed(2)} times; load ${load.toFixed(1)}`,
  );
}
