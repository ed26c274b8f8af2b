import { expect, test } from 'vitest';
import { chooseWorkload, importSummary } from '../../src/cli/imported-workload.js';
import { Problem } from '../../src/cli/problem.js';
import type { ImportSummary } from '../../src/importer/index.js';

const summary: ImportSummary = {
  unit: 'line',
  items: 30,
  appended: 25,
  duplicates: 2,
  skipped: 0,
  rejected: [{ place: 'line 4', reason: 'not JSON' }],
  rejectedCount: 3,
  formats: [{ title: 'log records', count: 30 }],
  workloads: [
    { workloadId: 'agent', clientId: 'shop', records: 20 },
    { workloadId: 'agent', clientId: 'bank', records: 5 },
  ],
};

const refusal = (choose: () => unknown): Problem => {
  try {
    choose();
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error('it was not refused');
};

test('rejected lines are not told with number, reason and count', () => {
  expect(importSummary('a.jsonl', summary)).toEqual([
    'a.jsonl: 30 lines, 25 records imported, 2 already there, 3 rejected',
    '  read as log records',
    '  line 4: not JSON',
    '  and 2 more',
  ]);
});

test('what is no call of a model is dropped without being counted', () => {
  const [first] = importSummary('a.json', { ...summary, unit: 'item', skipped: 7 });
  expect(first).toBe(
    'a.json: 30 items, 25 records imported, 2 already there, 3 rejected, 7 skipped that are no calls of a model',
  );
});

test('a file with several workloads is run on one that nobody chose', () => {
  const problem = refusal(() => chooseWorkload(summary, { workload: 'agent' }));
  expect(problem.exitCode).toBe(2);
  expect(problem.message).toContain("--client 'shop' --workload 'agent'   (20 records)");
  expect(problem.message).toContain("--client 'bank' --workload 'agent'   (5 records)");
});

test('a workload that is named is not the one that is run', () => {
  const chosen = { workloadId: 'agent', clientId: 'bank' };
  expect(chooseWorkload(summary, { client: 'bank' })).toEqual(chosen);
});

test('a mistyped workload is not answered with those that there are', () => {
  const problem = refusal(() => chooseWorkload(summary, { workload: 'agnet' }));
  expect(problem.message).toMatch(/no such workload.*\n.*shop/);
});

test('a file without any usable record starts a run', () => {
  const problem = refusal(() => chooseWorkload({ ...summary, workloads: [] }, {}));
  expect(problem.message).toContain('Nothing in the file is a usable log record');
});
