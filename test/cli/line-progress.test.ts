import { expect, test, vi } from 'vitest';
import { LineProgress } from '../../src/cli/line-progress.js';
import { aJob, aNim, anEvaluation } from './job-document.js';

const running = anEvaluation({ status: 'running' });

test('the log of a pipeline has a line for each percent, or steps without their candidate', () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const progress = new LineProgress();
  for (const evaluation of [running, { ...running, progress: 50 }, anEvaluation()])
    for (const model_name of ['meta/small', 'meta/other'])
      progress.show(aJob({ nims: [aNim({ model_name, evaluations: [evaluation] })] }));
  const lines = said.mock.calls.flat();
  said.mockRestore();
  expect(lines.filter((line: string) => line.includes('as it is'))).toEqual([
    'meta/small as it is: running',
    'meta/other as it is: running',
    'meta/small as it is: done · right function 0.90 (n 50)',
    'meta/other as it is: done · right function 0.90 (n 50)',
  ]);
});
