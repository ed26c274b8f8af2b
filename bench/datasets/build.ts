import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { prepareDatasets, readingOf } from '../../activities/datasets.js';
import { Readers } from '../../activities/datasets/readers.js';
import type { ActivityServices } from '../../activities/services.js';
import { Spool } from '../../activities/spool.js';
import { openStores } from '../../src/stores/index.js';

/** `build URL INDEX`: from the query to the files of all datasets, and what it took, as JSON. */
const [, , url = '', index = ''] = process.argv;
const input = {
  runId: '0123456789abcdef01234567',
  workloadId: 'airline_agent',
  clientId: 'airline-prod',
  namespace: 'bench',
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
  const services = { logs: stores.logs, spoolDir: parent } as ActivityServices;
  const environment = new MockActivityEnvironment();
  const result = await environment.run(async () => {
    const started = performance.now();
    const spool = await Spool.create(parent);
    const readers = new Readers(spool, readingOf(input), new AbortController().signal);
    const { files } = await prepareDatasets(services, spool, readers, input);
    const seconds = (performance.now() - started) / 1_000;
    const paths = [files.evaluation, files.inContext, files.training].flat().map((file) => file.localPath);
    const bytes = paths.reduce((sum, path) => sum + statSync(path).size, 0);
    await readers.close();
    await spool.remove();
    return { seconds, bytes };
  });
  await stores.close();
  // Of this process alone, its threads included.
  const peak = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;
  process.stdout.write(JSON.stringify({ ...(result as object), peakMib: peak }));
} finally {
  rmSync(parent, { recursive: true, force: true });
}
