import { expect, test } from 'vitest';
import { datasetNames } from '../../../src/ids.js';
import { document } from '../../support/conformity.js';
import { runNumber, runRecord } from '../../support/stores.js';
import { aGateway, JOB } from '../gateway-world.js';
import { completedRun, triedCandidate } from '../job-records.js';

/** The blueprint's keys in its order; ours may only follow. */
const KEYS = {
  job: 'id workload_id client_id status started_at finished_at num_records llm_judge nims datasets error',
  item: 'id workload_id client_id status started_at finished_at datasets error',
  judge: 'model_name type deployment_status error',
  nim: 'model_name status deployment_status runtime_seconds evaluations customizations error',
  evaluation: 'eval_type scores started_at finished_at runtime_seconds progress nmp_uri mlflow_uri error',
  customization:
    'started_at finished_at runtime_seconds progress epochs_completed steps_completed nmp_uri customized_model error',
  dataset: 'name num_records nmp_uri',
};

/** A run of which nothing has an end, an address or a score yet. */
const begun = runRecord(1, {
  status: 'running',
  stage: 'trying-candidates',
  judge: { model: 'meta/judge', type: 'remote', deploymentStatus: 'created', error: null },
  datasets: [{ role: 'evaluation', name: 'flywheel-eval-checkout-1', numRecords: 20, filesUrl: null }],
  candidates: [
    {
      ...triedCandidate,
      finishedAt: null,
      verdict: null,
      evaluations: triedCandidate.evaluations.map((evaluation) => ({
        ...evaluation,
        status: 'running' as const,
        finishedAt: null,
        uri: null,
        jobId: null,
        scores: [],
        progress: 0,
      })),
      customization: triedCandidate.customization && {
        ...triedCandidate.customization,
        status: 'running' as const,
        finishedAt: null,
        uri: null,
        jobId: null,
        error: null,
      },
    },
  ],
});

test.each([
  ['begun', begun],
  ['finished', completedRun(2)],
])('the document of a job that has %s lacks a key, or has them in another order', async (_what, run) => {
  const { call, runs } = await aGateway();
  await runs.put(run);
  const { body } = await call('GET', `/api/jobs/${run.runId}`);
  const [nim] = body.nims;
  const [item] = (await call('GET', '/api/jobs')).body.jobs;
  const parts: Record<keyof typeof KEYS, object> = {
    job: body,
    item,
    judge: body.llm_judge,
    nim,
    evaluation: nim.evaluations[0],
    customization: nim.customizations[0],
    dataset: body.datasets[0],
  };
  for (const [name, keys] of Object.entries(KEYS)) {
    const found = Object.keys(parts[name as keyof typeof KEYS]).join(' ');
    expect(`${found} `, name).toMatch(new RegExp(`^${keys} `));
  }
});

test('the datasets of a job are listed otherwise than evaluation, in-context, training', async () => {
  const { call, runs } = await aGateway();
  const { evaluation, inContext, training } = datasetNames('checkout', runRecord(2).runId);
  const dataset = { numRecords: 20, filesUrl: null };
  const datasets = [
    { ...dataset, role: 'evaluation' as const, name: evaluation },
    { ...dataset, role: 'in-context' as const, name: inContext },
    { ...dataset, role: 'training' as const, name: training },
  ];
  await runs.put(completedRun(2, { datasets }));
  const { body: job } = await call('GET', `/api/jobs/${runRecord(2).runId}`);
  const [item] = (await call('GET', '/api/jobs')).body.jobs;
  for (const { datasets } of [job, item])
    expect(datasets.map(({ name }: { name: string }) => name)).toEqual(
      ['eval', 'icl', 'train'].map((kind) => `flywheel-${kind}-checkout-${runRecord(2).runId}`),
    );
});

test('a job that has not begun shows a judge or candidates', async () => {
  const { call, runs } = await aGateway();
  const { candidates, judge } = completedRun(1);
  // One without a workflow is taken for lost when it should have begun.
  await runs.put(runRecord(3, { candidates, judge, startedAt: new Date().toISOString() }));
  const { body } = await call('GET', `/api/jobs/${runRecord(3).runId}`);
  expect(body).toMatchObject({
    status: 'pending',
    finished_at: null,
    num_records: 0,
    llm_judge: null,
    nims: [],
    datasets: [],
    error: null,
  });
});

test('a job that has begun shows no judge, or a candidate is missing or is more than pending', async () => {
  const { call, runs, config } = await aGateway();
  const { id } = (await call('POST', '/api/jobs', JOB)).body;
  const submitted = await runs.get(id);
  // As its workflow records it first.
  if (submitted) await runs.put({ ...submitted, status: 'running', stage: 'building-datasets' });
  const { body } = await call('GET', `/api/jobs/${id}`);
  const { judge, candidates } = config.run;
  const model = { model_name: judge.model, type: 'local', deployment_status: 'created', error: null };
  expect(body).toMatchObject({ status: 'running', num_records: 0, llm_judge: model, datasets: [] });
  const pending = { status: 'pending', deployment_status: 'pending', runtime_seconds: 0, error: null };
  expect(body.nims).toEqual(
    candidates.map((candidate) => ({
      ...pending,
      model_name: candidate.model,
      evaluations: [],
      customizations: [],
      verdict: null,
    })),
  );
  expect(candidates).toHaveLength(3);
});

test.each([
  ['JobStatus', 'pending running completed cancelled failed'],
  ['CandidateStatus', 'pending deploying-nim running-evals cancelled completed failed'],
  ['DeploymentStatus', 'created pending running cancelled failed completed ready unknown'],
])('%s has another word than the blueprint knows, or lacks one', (name, words) => {
  const { enum: known } = document.components.schemas[name] ?? {};
  expect(new Set(Array.isArray(known) ? known : [])).toEqual(new Set(words.split(' ')));
});

test.each([
  ['2025-01-02T03:04:05.000Z', '2025-01-02T03:04:05'],
  ['2025-01-02T03:04:05.120Z', '2025-01-02T03:04:05.120000'],
  ['2025-01-02T03:04:05.001Z', '2025-01-02T03:04:05.001000'],
  ['2025-01-02T05:04:05+02:00', '2025-01-02T03:04:05'],
])('the moment %s is not written as %s', async (iso, written) => {
  const { call, runs } = await aGateway();
  await runs.put(completedRun(1, { startedAt: iso, finishedAt: iso }));
  const { body } = await call('GET', `/api/jobs/${completedRun(1).runId}`);
  expect([body.started_at, body.finished_at]).toEqual([written, written]);
});

test('jobs are listed without paging in another order than that of their submission', async () => {
  const { call, runs } = await aGateway();
  for (const n of [5, 1, 9, 3]) await runs.put(runRecord(n));
  const { body, text } = await call('GET', '/api/jobs');
  expect(body.jobs.map(runNumber)).toEqual([5, 1, 9, 3]);
  expect(text).toMatch(/^\{"jobs":\[/);
  expect(Object.keys(body)).toEqual(['jobs']);
});
