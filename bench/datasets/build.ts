import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDatasets } from '../../src/datasets/index.js';
import { openStores } from '../../src/stores/index.js';

/** `build URL INDEX`: from the query to the files of all datasets, and what it took, as JSON. */
const [, , url = '', index = ''] = process.argv;
const request = {
  workloadId: 'airline_agent',
  clientId: 'airline-prod',
  seedName: 'bench',
  split: {
    evalSize: 100,
    valRatio: 0.1,
    minTotalRecords: 50,
    randomSeed: 1,
    limit: null,
    parseFunctionArguments: true,
    minReward: null,
    nearDuplicateSimilarity: null,
  },
  icl: {
    maxContextLength: 32_768,
    reservedTokens: 4_096,
    maxExamples: 3,
    minExamples: 1,
    selection: 'uniform_distribution' as const,
  },
  evaluation: { workloadType: 'auto' as const, maxToolProperties: null },
};
const parent = mkdtempSync(join(tmpdir(), 'flywheel-bench-'));
try {
  const stores = await openStores({ kind: 'elasticsearch', url, logIndex: index, runIndex: `${index}-runs` });
  const services = { logs: stores.logs, spoolDir: parent, embedding: null };
  const started = performance.now();
  const startedCpu = process.cpuUsage();
  let reading = 0;
  const onProgress = (progress: object) => {
    if ('records' in progress) reading = performance.now() - started;
  };
  const watch = { signal: new AbortController().signal, onProgress };
  const result = await withDatasets(services, request, watch, ({ files }) => {
    const seconds = (performance.now() - started) / 1_000;
    const { user, system } = process.cpuUsage(startedCpu);
    const paths = [files.evaluation, files.inContext, files.training].flat().map((file) => file.localPath);
    const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
    return Promise.resolve({
      seconds,
      readingSeconds: reading / 1_000,
      cpuSeconds: (user + system) / 1e6,
      bytes,
    });
  });
  await stores.close();
  // Of this process alone, its threads included.
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  process.stdout.write(JSON.stringify({ ...result, peakMib: peak }));
} finally {
  rmSync(parent, { recursive: true, force: true });
}
