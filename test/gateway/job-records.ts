import type { CandidateState, RunRecord } from '../../src/run-record.js';
import { runRecord } from '../support/stores.js';

/** A candidate with one step in each state. */
export const triedCandidate: CandidateState = {
  model: 'meta/small',
  status: 'completed',
  deploymentStatus: 'completed',
  startedAt: '2025-01-02T03:04:05.000Z',
  finishedAt: '2025-01-02T03:05:05.500Z',
  evaluations: [
    {
      kind: 'base',
      status: 'completed',
      startedAt: '2025-01-02T03:04:05.123Z',
      finishedAt: '2025-01-02T03:04:35.123Z',
      progress: 100,
      jobId: 'eval-1',
      uri: 'http://nemo.test/v1/evaluation/jobs/eval-1',
      scores: [
        { key: 'function_name', value: 0.9, n: 90, failed: 10, interval: [0.82, 0.95], difference: null },
      ],
      error: null,
    },
  ],
  customization: {
    status: 'failed',
    startedAt: '2025-01-02T03:04:05.000Z',
    finishedAt: '2025-01-02T03:04:15.000Z',
    progress: 40,
    epochsCompleted: 1,
    stepsCompleted: 8,
    trainLoss: 0.5,
    validationLoss: null,
    jobId: 'cust-1',
    uri: 'http://nemo.test/v1/customization/jobs/cust-1',
    customizedModel: null,
    error: 'out of memory',
  },
  verdict: {
    word: 'undecided',
    experiment: 'base',
    target: 0.9,
    furtherSamples: 36,
    text: 'undecided at 90 %',
  },
  error: null,
  judge: { deploymentStatus: 'completed', error: null },
};

/** A run that ended with every part of its document filled. */
export const completedRun = (n: number, changes: Partial<RunRecord> = {}): RunRecord =>
  runRecord(n, {
    status: 'completed',
    stage: 'finished',
    startedAt: '2025-01-02T03:04:05.000Z',
    finishedAt: '2025-01-02T03:05:06.000Z',
    numRecords: 100,
    workloadType: 'tool-calling',
    judge: { model: 'meta/judge', type: 'local', deploymentStatus: 'ready', error: null },
    candidates: [triedCandidate],
    datasets: [
      { role: 'evaluation', name: 'flywheel-eval-checkout-1', numRecords: 20, filesUrl: 'hf://datasets/a/b' },
    ],
    funnel: {
      read: 110,
      rejected: [{ reason: 'no answer', count: 4, examples: ['a'] }],
      duplicates: 6,
      conflicts: 1,
      beyondLimit: 0,
      evaluation: 20,
      training: 72,
      validation: 8,
      untrained: [{ reason: 'low reward', count: 2 }],
      conversations: 50,
      nearDuplicates: { clusters: 1, records: 4 },
      sharedConversations: 0,
      seed: 7,
      examples: { duplicates: ['b'], conflicts: [], beyondLimit: [] },
    },
    ...changes,
  });
