import '../support/quiet-runtime.js';
import { Worker } from '@temporalio/worker';
import { expect, inject, test } from 'vitest';
import { recordedHistories, type RecordedHistory } from './histories.js';

const recorded = recordedHistories();
const workflowBundle = { codePath: inject('temporal').bundle };

/** Under its own id: a candidate's uses of GPUs are named after it. */
const replay = ({ history }: RecordedHistory) =>
  Worker.runReplayHistory({ workflowBundle }, history, workflowIdOf(history));

const workflowIdOf = ({ events: [started] }: RecordedHistory['history']): string =>
  started?.workflowExecutionStartedEventAttributes?.workflowId ?? '';

test('fewer than eight situations are recorded, or one of them never ended', () => {
  expect(recorded.length).toBeGreaterThanOrEqual(8);
  for (const { name, history } of recorded)
    expect(history.events.at(-1)?.eventType, name).toMatch(
      /EVENT_TYPE_WORKFLOW_EXECUTION_(COMPLETED|FAILED|CANCELED)/,
    );
});

test.each(recorded)(
  'a run that was open when a new version was deployed cannot go on: $name',
  async (history) => {
    await expect(replay(history)).resolves.toBeUndefined();
  },
);

/** The history of a workflow that had called another activity at that place. */
function withAnotherActivity({ name, history }: RecordedHistory): RecordedHistory {
  const text = JSON.stringify(history).replaceAll('"name":"runEvaluation"', '"name":"runSomethingElse"');
  return { name, history: JSON.parse(text) as RecordedHistory['history'] };
}

test('a history that the workflows cannot have made is accepted', async () => {
  const candidate = recorded.find(({ name }) => name.startsWith('candidate-completed'));
  expect(candidate).toBeDefined();
  const altered = withAnotherActivity(candidate!);
  expect(altered).not.toEqual(candidate);
  await expect(replay(altered)).rejects.toThrow(/[Nn]ondeterminism|DeterminismViolation/);
});
