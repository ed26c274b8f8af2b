import { expect, test } from 'vitest';
import { chooseWorkload, importSummary } from '../../src/cli/imported-workload.js';
import { Problem } from '../../src/cli/problem.js';

const summary = {
  lines: 30,
  appended: 25,
  duplicates: 2,
  rejected: [{ line: 4, reason: 'not JSON' }],
  rejectedCount: 3,
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
    '  line 4: not JSON',
    '  and 2 more',
  ]);
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
  expect(problem.message).toContain('No line of the file is a usable log record');
});
