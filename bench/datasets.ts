// How fast datasets are built from Elasticsearch, in how much memory, and how long Elasticsearch itself needs.
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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

/** Runs a part of the benchmark as a process of its own and reads its last line. */
function part(args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return stdout.trim().split('\n').at(-1) ?? '';
}

interface Build {
  seconds: number;
  bytes: number;
  peakMib: number;
}

const index = 'bench-datasets';
const count = Number(values.records);
const logs = values.short ? [] : [values.logs].filter((file) => file !== '');
const elasticsearch = await startElasticsearch(HEAP);
if ('skipped' in elasticsearch) throw new Error(elasticsearch.skipped);
try {
  const compiled = join('dist', 'bench', 'datasets');
  part([join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'bench/tsconfig.json']);
  part([join(compiled, 'fill-index.js'), elasticsearch.url, index, String(count), ...logs]);
  for (let round = 1; round <= Number(values.rounds); round++) {
    part([join(compiled, 'touch-memory.js'), String(count * 30_000)]);
    const limit = JSON.parse(part([join(compiled, 'limit.js'), elasticsearch.url, index])) as Build;
    const build = JSON.parse(part([join(compiled, 'build.js'), elasticsearch.url, index])) as Build;
    report(round, limit, build);
  }
} finally {
  await elasticsearch.stop();
}

function report(round: number, limit: Build, build: Build): void {
  const [load = 0] = loadavg();
  console.log(
    `round ${round}: ${Math.round(count / build.seconds)} records/s (${build.seconds.toFixed(1)} s), peak ` +
      `${Math.round(build.peakMib)} MiB, ${(build.bytes / 1e6).toFixed(0)} MB of JSONL; Elasticsearch alone ` +
      `${limit.seconds.toFixed(1)} s for ${(limit.bytes / 1e6).toFixed(0)} MB: ` +
      `${(build.seconds / limit.seconds).toFixed(2)} times; load ${load.toFixed(1)}`,
  );
}
