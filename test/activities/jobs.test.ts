import { CancelledFailure } from '@temporalio/activity';
import { expect, test, vi } from 'vitest';
import { evaluationConfig } from '../../src/nemo/evaluation-config.js';
import { aCandidate, aRunId, asActivity, aTrainingUse, QUICKLY } from '../support/activity-world.js';
import { Gate } from '../support/gate.js';
import { aDeployment, overJob, post } from '../support/local-platform.js';
import { IN_TIME } from '../support/observe.js';
import { aWorld, jobsOf, JUDGE, MODEL, SLICE } from './jobs-world.js';

const HANGING = 'stand-in/hang-training-1b';
const HANGING_JUDGE = {
  model: 'stand-in/hang-evaluation-1b',
  deployment: { kind: 'external', url: null },
} as const;

test('a second attempt trains the same model twice, or forgets what it reached', async () => {
  const { platform, training, activities } = await aWorld();
  const first = await asActivity().run(activities.runCustomization, training);
  const again = await asActivity({ externalId: first.jobId }).run(activities.runCustomization, training);
  expect(again).toEqual(first);
  expect(first).toMatchObject({ epochsCompleted: 2, stepsCompleted: 8 });
  expect(first.customizedModel).toMatch(/^test\/customized-stand-in-tiny-3b-[0-9a-f]{24}-[0-9a-f]{8}@cust-/);
  expect(await jobsOf(platform, 'customization')).toHaveLength(1);
});

test('a failed customization is tried again for ever, or its reason is lost', async () => {
  const { training, activities } = await aWorld('stand-in/fail-training-1b');
  await expect(asActivity().run(activities.runCustomization, training)).rejects.toMatchObject({
    type: 'CustomizationFailed',
    nonRetryable: true,
    message: expect.stringMatching(/customization cust-\w+ of stand-in\/fail-training-1b: \w+/),
  });
});

test('a stopped customization goes on training', async () => {
  const { platform, training, use, activities } = await aWorld('stand-in/slow-training-1b');
  const watch = asActivity();
  const beats: unknown[] = [];
  watch.environment.on('heartbeat', (beat) => beats.push(beat));
  const watched = expect(watch.run(activities.runCustomization, training)).rejects.toMatchObject({
    type: 'JobCancelled',
  });
  await vi.waitUntil(() => beats.length > 0, { timeout: 20_000 });
  await asActivity().run(activities.stopCustomization, { use, patience: QUICKLY });
  await watched;
  expect(await jobsOf(platform, 'customization')).toMatchObject([{ status: 'cancelled' }]);
});

test('of two jobs of one name, made by attempts that did not hear of each other, one is not stopped', async () => {
  const { platform, training, evaluation, use, activities, nemo } = await aWorld(HANGING);
  await aDeployment(platform, HANGING_JUDGE.model);
  const name = { runId: evaluation.runId, candidate: HANGING, kind: 'base' } as const;
  const config = evaluationConfig({
    kind: 'base',
    slices: [SLICE],
    filesUrl: 'hf://datasets/test/eval',
    judge: HANGING_JUDGE.model,
  });
  for (let attempt = 0; attempt < 2; attempt++) {
    await nemo.customizer.create(training);
    await nemo.evaluator.create({ name, namespace: 'test', target: HANGING_JUDGE.model, config });
  }
  await asActivity().run(activities.stopCustomization, { use, patience: QUICKLY });
  await asActivity().run(activities.stopEvaluation, { ...name, patience: QUICKLY });
  const stopped = [{ status: 'cancelled' }, { status: 'cancelled' }];
  expect(await jobsOf(platform, 'customization')).toMatchObject(stopped);
  expect(await jobsOf(platform, 'evaluation')).toMatchObject(stopped);
});

test('jobs of a deleted run run on, or those of another are stopped', async () => {
  const { platform, training, evaluation, activities, nemo } = await aWorld(HANGING);
  await aDeployment(platform, HANGING_JUDGE.model);
  const create = async (runId: string) => {
    const use = aTrainingUse(runId, HANGING);
    const { id } = await nemo.customizer.create({ ...training, use });
    return id;
  };
  const [ours, other] = [await create(evaluation.runId), await create(aRunId())];
  const watch = asActivity();
  const evaluated = expect(
    watch.run(activities.runEvaluation, {
      ...evaluation,
      candidate: HANGING_JUDGE.model,
      target: { model: HANGING_JUDGE.model, url: null },
      judge: HANGING_JUDGE,
    }),
  ).rejects.toMatchObject({ type: 'JobCancelled' });
  await vi.waitUntil(async () => (await jobsOf(platform, 'evaluation'))[0]?.status === 'running', {
    timeout: 20_000,
  });
  const stop = { runId: evaluation.runId, models: [HANGING, HANGING_JUDGE.model], patience: QUICKLY };
  await asActivity().run(activities.stopJobsOfRun, stop);
  await evaluated;
  await asActivity().run(activities.stopJobsOfRun, stop);
  const trainings = await jobsOf(platform, 'customization');
  expect(trainings.find(({ id }) => id === ours)?.status).toBe('cancelled');
  expect(trainings.find(({ id }) => id === other)?.status).toMatch(/created|pending|running/);
  expect(await jobsOf(platform, 'evaluation')).toMatchObject([{ status: 'cancelled' }]);
});

test('a training that cannot be stopped keeps another running, or ends the worker', async () => {
  const { platform, training, evaluation, activities, nemo } = await aWorld(HANGING);
  const models = [HANGING, 'stand-in/hang-training-3b'];
  for (const model of models) {
    const use = aTrainingUse(evaluation.runId, model);
    await nemo.customizer.create({ ...training, use, candidate: aCandidate(model) });
  }
  const [first] = await nemo.customizer.ofCandidate(evaluation.runId, HANGING, AbortSignal.timeout(60_000));
  await post(`${platform.nemoUrl}/admin/faults`, {
    on: 'request',
    service: 'nemo',
    kind: 'status',
    status: 403,
    count: 100,
    path: `/v1/customization/jobs/${first?.id}/cancel`,
  });
  const stop = { runId: evaluation.runId, models, patience: QUICKLY };
  await expect(asActivity().run(activities.stopJobsOfRun, stop)).rejects.toThrow(/403/);
  const trainings = await jobsOf(platform, 'customization');
  expect(trainings.find(({ id }) => id === first?.id)?.status).toMatch(/created|pending|running/);
  expect(trainings.find(({ id }) => id !== first?.id)?.status).toBe('cancelled');
});

test('stopping what was never started is an error', async () => {
  const { use, evaluation, activities } = await aWorld();
  await asActivity().run(activities.stopCustomization, { use, patience: QUICKLY });
  await asActivity().run(activities.stopEvaluation, evaluation);
  await asActivity().run(activities.deleteCustomization, { ...evaluation, model: MODEL });
  await asActivity().run(activities.deleteEvaluations, evaluation);
});

test('an evaluation has scores without n, or is run twice by a second attempt', async () => {
  const { platform, evaluation, activities, nemo } = await aWorld();
  await aDeployment(platform, MODEL);
  await aDeployment(platform, JUDGE, 4);
  const first = await asActivity().run(activities.runEvaluation, evaluation);
  const again = await asActivity({ externalId: first.jobId }).run(activities.runEvaluation, evaluation);
  expect(again).toEqual(first);
  expect(first.scores.map(({ key, n, failed }) => [key, n + failed])).toEqual([
    ['function_name', 12],
    ['function_name_and_args_accuracy', 12],
    ['tool_calling_correctness', 12],
  ]);
  const samples = await nemo.evaluator.samples(first.jobId);
  expect(samples?.['custom-tool-calling']).toHaveLength(12);
  expect(await jobsOf(platform, 'evaluation')).toHaveLength(1);

  await asActivity().run(activities.deleteEvaluations, evaluation);
  expect(await jobsOf(platform, 'evaluation')).toEqual([]);
});

test('an evaluation begins before its model is served', async () => {
  const { platform, evaluation, activities } = await aWorld();
  await aDeployment(platform, JUDGE, 4);
  const watch = asActivity();
  const seen: string[] = [];
  watch.environment.on('heartbeat', (beat: { status: string }) => seen.push(beat.status));
  const watched = watch.run(activities.runEvaluation, evaluation);
  await vi.waitUntil(() => seen.includes(`waiting for ${MODEL}`), IN_TIME);
  expect(await jobsOf(platform, 'evaluation')).toEqual([]);
  await aDeployment(platform, MODEL);
  await expect(watched).resolves.toMatchObject({ scores: expect.any(Array) });
});

test("a judge's nonsense counts as a rating", async () => {
  const { platform, evaluation, activities } = await aWorld();
  const judge = { model: 'stand-in/nonsense-judge-70b', deployment: evaluation.judge.deployment };
  await aDeployment(platform, MODEL);
  await aDeployment(platform, judge.model);
  const { scores } = await asActivity().run(activities.runEvaluation, { ...evaluation, judge });
  expect(scores.map(({ key, n, failed }) => [key, n, failed])).toEqual([
    ['function_name', 12, 0],
    ['function_name_and_args_accuracy', 12, 0],
    ['tool_calling_correctness', 0, 12],
  ]);
});

test('an evaluation in which nothing could be scored is called completed', async () => {
  const { platform, evaluation, activities } = await aWorld();
  const judge = { model: 'stand-in/nonsense-judge-70b', deployment: evaluation.judge.deployment };
  await aDeployment(platform, MODEL);
  await aDeployment(platform, judge.model);
  const slices = [{ ...SLICE, type: 'generic' as const }];
  await expect(
    asActivity().run(activities.runEvaluation, { ...evaluation, judge, slices }),
  ).rejects.toMatchObject({
    type: 'NothingScored',
    nonRetryable: true,
    message: expect.stringContaining('none of 12 samples could be scored') as string,
  });
});

test('an unknown dataset hangs an evaluation, or its reason is lost', async () => {
  const { platform, evaluation, activities } = await aWorld();
  await aDeployment(platform, MODEL);
  await aDeployment(platform, JUDGE, 4);
  await expect(
    asActivity().run(activities.runEvaluation, { ...evaluation, dataset: 'nowhere' }),
  ).rejects.toMatchObject({ nonRetryable: true, message: expect.stringContaining('nowhere') });
});

test('a job of another use is taken for our own', async () => {
  const { platform, training, evaluation, activities } = await aWorld();
  const first = await asActivity().run(activities.runCustomization, training);
  const other = await asActivity().run(activities.runCustomization, {
    ...training,
    use: aTrainingUse(evaluation.runId, MODEL),
  });
  expect(other.jobId).not.toBe(first.jobId);
  await overJob(`${platform.nemoUrl}/v1/customization/jobs/${first.jobId}`);
  await asActivity().run(activities.deleteEvaluations, { runId: evaluation.runId });
  expect(await jobsOf(platform, 'customization')).toHaveLength(2);
});

test('a job that somebody deleted is paid for once more', async () => {
  const { platform, training, evaluation, activities } = await aWorld();
  await aDeployment(platform, MODEL);
  await aDeployment(platform, JUDGE, 4);
  const resumed = asActivity({ externalId: 'gone-1', status: 'running' });
  const failure = { type: 'JobLost', nonRetryable: true, message: expect.stringContaining('gone-1') };
  await expect(resumed.run(activities.runCustomization, training)).rejects.toMatchObject(failure);
  await expect(resumed.run(activities.runEvaluation, evaluation)).rejects.toMatchObject(failure);
  expect(await jobsOf(platform, 'customization')).toEqual([]);
  expect(await jobsOf(platform, 'evaluation')).toEqual([]);
});

test('a platform that is away for a moment ends a customization, or begins a second one', async () => {
  const { platform, training, activities } = await aWorld();
  await post(`${platform.nemoUrl}/admin/faults`, { pathPrefix: '/v1/customization', status: 503, count: 4 });
  await asActivity().run(activities.runCustomization, training);
  expect(await jobsOf(platform, 'customization')).toHaveLength(1);
});

test('a cancelled watch goes on watching, or stops the job itself', async () => {
  const { platform, training, activities } = await aWorld('stand-in/slow-training-1b');
  const watch = asActivity();
  watch.environment.on('heartbeat', () => watch.environment.cancel());
  await expect(watch.run(activities.runCustomization, training)).rejects.toThrow(CancelledFailure);
  expect(await jobsOf(platform, 'customization')).toEqual([
    expect.objectContaining({ status: expect.stringMatching(/created|pending|running/) }),
  ]);
});

test.each([
  ['customization', /^POST \/v1\/customization\/jobs$/],
  ['evaluation', /^POST \/v1\/evaluation\/jobs$/],
] as const)(
  'a worker that stops while its %s is being made gives it up, or its successor makes another',
  async (kind, asked) => {
    const gate = new Gate();
    const { platform, training, evaluation, activities } = await aWorld(MODEL, gate);
    await aDeployment(platform, MODEL);
    await aDeployment(platform, JUDGE, 4);
    const watch = ({ run }: ReturnType<typeof asActivity>) =>
      kind === 'evaluation'
        ? run(activities.runEvaluation, evaluation)
        : run(activities.runCustomization, training);
    const stopped = asActivity();
    const making = gate.hold(asked);
    const watched = expect(watch(stopped)).rejects.toThrow(CancelledFailure);
    await making.reached;
    stopped.environment.cancel('WORKER_SHUTDOWN');
    expect(await jobsOf(platform, kind)).toEqual([]);
    making.open();
    await watched;
    const [made, ...others] = await jobsOf(platform, kind);
    expect(others).toEqual([]);
    expect(await watch(asActivity())).toMatchObject({ jobId: made?.id });
    expect(await jobsOf(platform, kind)).toHaveLength(1);
    expect(gate.abandoned).toEqual([]);
  },
);
