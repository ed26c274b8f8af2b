import { cancellationSignal } from '@temporalio/activity';
import { evaluationConfig, type ModelReference } from '../src/nemo/evaluation-config.js';
import type { EvaluationJob, EvaluationName } from '../src/nemo/evaluator.js';
import type { Nemo } from '../src/nemo/index.js';
import { isOver } from '../src/nemo/job-status.js';
import type { Activities, EvaluationTarget, Patience, RunEvaluationInput } from './contract.js';
import type { ScoreSummary } from '../src/run-record.js';
import { finalFailure } from './failures.js';
import { requireLease } from './lease-check.js';
import { allStopped, NOTHING_KNOWN, OUTLASTS_OUTAGES, poll, type Reading, watchedBefore } from './poll.js';
import { readScores } from './scores.js';
import type { ActivityServices } from './services.js';

export function createEvaluationActivities(
  services: ActivityServices,
): Pick<Activities, 'runEvaluation' | 'stopEvaluation' | 'deleteEvaluations'> {
  const { nemo, temporal } = services;
  return {
    async runEvaluation(input) {
      await awaitServed(services, input);
      const { candidate, kind, patience, slices, gpus } = input;
      let id: string | null = null;
      return await poll(`evaluation (${kind}) of ${candidate}`, patience, async (signal) => {
        id ??= (await findOrCreate(services, input, signal)).id;
        const job = await nemo.evaluator.get(id, signal);
        if (!job) throw lost(id, candidate);
        // Whoever takes GPUs away stops the job first.
        if (job.status === 'cancelled' && gpus) await requireLease(temporal, gpus);
        const uri = nemo.evaluator.url(id);
        if (!isCompleted(`evaluation ${id} (${kind}) of ${candidate}`, job)) return going(uri, job);
        const scores = readScores(await nemo.evaluator.results(id, signal), slices);
        requireScore(`evaluation ${id} (${kind}) of ${candidate}`, scores);
        return { done: true, value: { jobId: id, uri, scores } };
      });
    },

    async stopEvaluation({ runId, candidate, kind, patience }) {
      const name = { runId, candidate, kind };
      const jobs = await nemo.evaluator.ofName(name, cancellationSignal());
      await allStopped(jobs.map(({ id }) => stopEvaluationJob(nemo, id, patience)));
    },

    async deleteEvaluations({ runId }) {
      const ids: string[] = [];
      for await (const job of nemo.evaluator.ofRun(runId, cancellationSignal())) ids.push(job.id);
      for (const id of ids) await nemo.evaluator.delete(id, cancellationSignal());
    },
  };
}

/** Asks for the end of a job until it is seen to be over. */
export async function stopEvaluationJob({ evaluator }: Nemo, id: string, patience: Patience) {
  const read = async (signal: AbortSignal): Promise<Reading<void>> => {
    const seen = await evaluator.get(id, signal);
    if (!seen || isOver(seen.status)) return { done: true, value: undefined };
    await evaluator.cancel(id, signal);
    return going(evaluator.url(id), seen);
  };
  await poll(`stop of evaluation ${id}`, patience, read, OUTLASTS_OUTAGES);
}

/** An adapter is listed some time after its training; a model whose lease is lost may never be again. */
async function awaitServed({ nemo, temporal }: ActivityServices, input: RunEvaluationInput) {
  const { target, judge, kind, candidate, gpus, patience } = input;
  const needed = [
    ...(target.url === null ? [target.model] : []),
    ...(judge.deployment.kind === 'external' && judge.deployment.url !== null ? [] : [judge.model]),
  ];
  await poll(`models for evaluation (${kind}) of ${candidate}`, patience, async (signal) => {
    const listed = await nemo.nimProxy.models(signal);
    const missing = needed.filter((model) => !listed.includes(model));
    if (missing.length === 0) return { done: true, value: undefined };
    if (gpus) await requireLease(temporal, gpus);
    return waiting(missing.join(', '));
  });
}

const waiting = (what: string): Reading<never> => ({
  done: false,
  progress: {
    externalId: watchedBefore() ?? '',
    uri: '',
    status: `waiting for ${what}`,
    ...NOTHING_KNOWN,
  },
});

/** An evaluation that scored nothing has no result, whatever the platform calls it. */
function requireScore(what: string, scores: readonly ScoreSummary[]): void {
  if (scores.some(({ n }) => n > 0)) return;
  const samples = Math.max(0, ...scores.map(({ failed }) => failed));
  throw finalFailure(
    'NothingScored',
    `${what}: none of ${samples} samples could be scored: the model gave no answers, or the judge no ratings that can be read`,
  );
}

async function findOrCreate(
  { nemo, temporal, secrets }: ActivityServices,
  input: RunEvaluationInput,
  signal: AbortSignal,
) {
  const { runId, candidate, kind, namespace, dataset, slices, judge, target, gpus } = input;
  const name: EvaluationName = { runId, candidate, kind };
  const found = await nemo.evaluator.find(name, signal);
  const before = watchedBefore();
  // One that was stopped before anybody watched it here is of an earlier try, whose GPUs were taken away.
  if (found && !(found.status === 'cancelled' && before === null)) return found;
  if (before !== null) throw lost(before, candidate);
  if (gpus) await requireLease(temporal, gpus);
  const judgeUrl = judge.deployment.kind === 'external' ? judge.deployment.url : null;
  const config = evaluationConfig({
    kind,
    slices,
    filesUrl: `hf://datasets/${namespace}/${dataset}`,
    judge: reference({ model: judge.model, url: judgeUrl }, secrets.judgeApiKey),
  });
  return await nemo.evaluator.create({ name, namespace, target: reference(target, null), config }, signal);
}

const lost = (jobId: string, candidate: string) =>
  finalFailure('JobLost', `evaluation ${jobId} of ${candidate} is gone: somebody deleted it`);

const reference = ({ model, url }: EvaluationTarget, key: string | null): ModelReference =>
  url === null
    ? model
    : { api_endpoint: { url, model_id: model, ...(key === null ? {} : { api_key: key }) } };

function isCompleted(what: string, job: EvaluationJob): boolean {
  const reason = job.status_details?.message ?? 'the platform gives no reason';
  if (job.status === 'failed') throw finalFailure('EvaluationFailed', `${what}: ${reason}`);
  if (job.status === 'cancelled') throw finalFailure('JobCancelled', `${what} was cancelled`);
  return job.status === 'completed';
}

const going = (uri: string, job: EvaluationJob): Reading<never> => ({
  done: false,
  alive: job.updated_at ?? '',
  progress: {
    externalId: job.id,
    uri,
    status: job.status,
    ...NOTHING_KNOWN,
    percent: job.status_details?.progress ?? null,
    samplesProcessed: job.status_details?.samples_processed ?? null,
  },
});
