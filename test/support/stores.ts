import { randomBytes, randomUUID } from 'node:crypto';
import type { estypes } from '@elastic/elasticsearch';
import type { StoreConfig } from '../../src/config/types.js';
import type { RunConfig } from '../../src/config/run-config.js';
import type { RunRecord } from '../../src/run-record.js';
import type { RecordPage } from '../../src/records/page-reader.js';
import type { LogRecord, LogStore } from '../../src/stores/log-store.js';

/** Indices that no other test has. */
export function elasticsearchConfig(url: string) {
  const id = randomUUID();
  return {
    kind: 'elasticsearch',
    url,
    logIndex: `test-logs-${id}`,
    runIndex: `test-runs-${id}`,
  } satisfies StoreConfig;
}

/** The mapping of the index that the blueprint makes. */
export const BLUEPRINT_MAPPING = {
  dynamic: 'strict',
  properties: {
    workload_id: { type: 'keyword' },
    client_id: { type: 'keyword' },
    timestamp: { type: 'date' },
    request: { type: 'object', dynamic: 'false' },
    response: { type: 'object', dynamic: 'false' },
  },
} satisfies estypes.MappingTypeMapping;

/** 2023-11-14T22:13:20Z */
export const SOME_MS = 1_700_000_000_000;

/** A record of the workload `checkout` of the client `shop`; each `n` is another content and second. */
export const logRecord = (n: number, changes: Partial<LogRecord> = {}): LogRecord => ({
  workload_id: 'checkout',
  client_id: 'shop',
  timestamp: SOME_MS + n * 1000,
  request: { model: 'big', messages: [{ role: 'user', content: `question ${n}` }] },
  response: { choices: [{ message: { role: 'assistant', content: `answer ${n}` } }] },
  ...changes,
});

export interface StoredRecord {
  id: string;
  record: LogRecord;
}

/** All of the workload, in the order of their times. */
export async function exported(
  logs: Pick<LogStore, 'export'>,
  names: { workloadId?: string; clientId?: string } = {},
): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  const query = { workloadId: 'checkout', clientId: 'shop', ...names };
  for await (const page of logs.export(query)) records.push(...recordsOf(page));
  return records.sort((a, b) => Number(a.record.timestamp) - Number(b.record.timestamp));
}

export const recordsOf = ({ bytes, ids, bounds }: RecordPage): StoredRecord[] =>
  ids.map((id, i) => {
    const json = Buffer.from(bytes.subarray(bounds[i * 2], bounds[i * 2 + 1])).toString();
    return { id, record: JSON.parse(json) as LogRecord };
  });

/** All test files have one Temporal: a run of one must not be taken for another's. */
const OF_THIS_FILE = randomBytes(6).toString('hex');

/** The `n` that a run of this file was made from. */
export const runNumber = ({ id }: { id: string }): number => parseInt(id.slice(OF_THIS_FILE.length), 16);

/** A pending run of the workload `checkout` whose id is made from `n`. */

export const runRecord = (n: number, changes: Partial<RunRecord> = {}): RunRecord => ({
  runId: OF_THIS_FILE + n.toString(16).padStart(12, '0'),
  workloadId: 'checkout',
  clientId: 'shop',
  status: 'pending',
  stage: 'queued',
  startedAt: new Date(SOME_MS).toISOString(),
  finishedAt: null,
  numRecords: 0,
  workloadType: null,
  judge: null,
  embeddingModel: null,
  candidates: [],
  datasets: [],
  funnel: null,
  warnings: [],
  error: null,
  config: RUN_CONFIG,
  requestHash: '',
  ...changes,
});

const RUN_CONFIG: RunConfig = {
  namespace: 'dwfp',
  candidates: [],
  judge: { model: 'judge', deployment: { kind: 'external', url: null } },
  split: {
    evalSize: 20,
    valRatio: 0.1,
    minTotalRecords: 50,
    randomSeed: null,
    limit: null,
    parseFunctionArguments: true,
    minReward: null,
    nearDuplicateSimilarity: null,
  },
  icl: {
    maxContextLength: 8192,
    reservedTokens: 2048,
    maxExamples: 3,
    minExamples: 1,
    selection: 'uniform_distribution',
  },
  training: {
    trainingType: 'sft',
    finetuningType: 'lora',
    epochs: 2,
    batchSize: 16,
    learningRate: 0.0001,
    adapterDim: 32,
    adapterDropout: 0.1,
  },
  evaluation: { workloadType: 'auto', maxToolProperties: null },
  verdict: { target: 0.9 },
  timing: {
    deploymentPollMs: 1,
    customizationPollMs: 1,
    evaluationPollMs: 1,
    deploymentStallMs: 1,
    customizationStallMs: 1,
    evaluationStallMs: 1,
    heartbeatTimeoutMs: 1,
    retryInitialMs: 1,
    retryMaximumMs: 1,
  },
};
