import '../support/quiet-runtime.js';
import { readFileSync } from 'node:fs';
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { bundlePath } from '../../src/worker/bundle.js';
import { recordedHistories, type RecordedHistory } from './histories.js';
import { SITUATIONS, type Situation } from './situations.js';

const recorded = recordedHistories();
const workflowBundle = { codePath: bundlePath() };

/** Under its own id: a candidate's uses of GPUs are named after it. */
const replay = (
  { history }: Pick<RecordedHistory, 'history'>,
  bundle: ReplayWorkerOptions['workflowBundle'] = workflowBundle,
) => Worker.runReplayHistory({ workflowBundle: bundle }, history, workflowIdOf(history));

const REFUSED = /[Nn]ondeterminism|DeterminismViolation/;

const startOf = ([started]: RecordedHistory['history']['events']) =>
  started?.workflowExecutionStartedEventAttributes ?? {};

const workflowIdOf = ({ events }: RecordedHistory['history']): string => startOf(events).workflowId ?? '';

test('a situation is not recorded any more, or one of them never ended', () => {
  expect(recorded.map(({ name }) => name).sort()).toEqual([...SITUATIONS].sort());
  for (const { name, history } of recorded)
    expect(history.events.at(-1)?.eventType, name).toMatch(
      /EVENT_TYPE_WORKFLOW_EXECUTION_(COMPLETED|FAILED|CANCELED|CONTINUED_AS_NEW)/,
    );
});

test.each(recorded)(
  'a run that was open when a new version was deployed cannot go on: $name',
  async (history) => {
    await expect(replay(history)).resolves.toBeUndefined();
  },
);

test('a workflow is replayed in no situation at all', () => {
  const door = readFileSync('workflows/index.ts', 'utf8');
  const workflows = [...door.matchAll(/^export \{ (\w+) \}/gm)].map(([, name]) => name);
  expect(workflows.length).toBeGreaterThan(4);
  const replayed = new Set(recorded.map(({ history: { events } }) => startOf(events).workflowType?.name));
  expect(workflows.filter((name) => !replayed.has(name))).toEqual([]);
});

/** What a new version might change without thinking of open runs. */
const CHANGES: [string, Situation, string, string][] = [
  ['leaves a step out', 'run-completed', "await run.enter('trying-candidates')", 'await undefined'],
  ['does a step twice', 'run-completed', 'await tryCandidates(', 'await run.keep(); await tryCandidates('],
  [
    'calls another activity',
    'candidate-completed',
    'activities.reports.reportCandidate',
    'activities.quick.recordRun',
  ],
  ['waits for no other pool', 'gpu-pool-after-another', 'if (wasThere)', 'if (!wasThere)'],
  ['leaves a deployment there', 'served-tiny-1b', 'await served.remove();', 'await undefined;'],
  ['deletes in another order', 'delete-run', 'deletions.deleteEvaluations', 'deletions.deleteRunRecord'],
  ['reports nothing', 'sweep', '...deployments.map(', '...[].map('],
  ['counts nothing', 'scheduled-run', 'quick.countNewRecords', 'quick.compareWithRun'],
  [
    'goes on without its embedding model',
    'run-embedding-failed',
    '? failed(run, need.model, error)',
    '? await step()',
  ],
  [
    'does not watch what others deployed',
    'served-foreign',
    'return await this.watch()',
    'return await (foreign ? this.scope.cancelRequested : this.watch())',
  ],
  [
    'takes its cancellation for an end of its run',
    'scheduled-run-cancelled',
    '.consideredCancelled || !',
    '.consideredCancelled && !',
  ],
  [
    'gives up what has lost its GPUs',
    'candidate-evaluations-lost-their-lease',
    'isLeaseLost = (error)=>',
    'isLeaseLost = (error)=>false && ',
  ],
  [
    'completes though it was cancelled at its end',
    'run-cancelled-at-its-end',
    'if (scope.consideredCancelled) await scope.cancelRequested',
    'await undefined',
  ],
  [
    'takes no other census',
    'gpu-pool-census-failed',
    'await pool.pauseAfter(what, error)',
    'await undefined',
  ],
  ['sends letters again at once', 'gpu-pool-letters-unsent', 'void this.rest([', 'void (['],
  [
    'leaves a training running',
    'gpu-pool-reclaimed-training',
    'if (lost.isTraining || lost.isHolderGone)',
    'if (!lost.isTraining)',
  ],
  ['wakes no pool', 'sweep-woke', "pool === 'none'", "pool === 'nobody'"],
  ['stops no training', 'sweep-stopped-training', '...trainings.map(', '...[].map('],
  ['removes no model', 'sweep-removed-model', '...models.map(', '...[].map('],
  [
    'goes on trying to watch',
    'served-unwatched',
    'return await this.scope.cancelRequested',
    'return await this.watch()',
  ],
  ['names a child otherwise', 'run-completed', '`flywheel-${runId}`', '`flywheel-run-${runId}`'],
];

test.each(CHANGES)(
  'a version that %s goes on with runs of before (%s)',
  async (_what, name, before, after) => {
    const code = readFileSync(workflowBundle.codePath, 'utf8');
    const changed = code.replaceAll(before, after);
    expect(changed).not.toBe(code);
    const history = recorded.find((each) => each.name === name)!;
    await expect(replay(history, { code: changed })).rejects.toThrow(REFUSED);
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
  await expect(replay(altered)).rejects.toThrow(REFUSED);
});
