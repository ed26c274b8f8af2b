import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test.each([
  ['makespan', '6 candidates, judge of 4'],
  ['scale', 'cancels'],
])('the benchmark %s measures nothing, and says nothing, when --only names nothing', async (name, one) => {
  const args = ['--import', 'tsx', 'bench/run.ts', name, '--only', 'judge of 5'];
  await expect(promisify(execFile)(process.execPath, args)).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^--only judge of 5 is part of none.*\n(  .*\n)*  ${one}\n`)),
  });
});
