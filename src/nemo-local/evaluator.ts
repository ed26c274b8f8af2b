import { Router, type Request } from 'express';
import { isOver } from './background-jobs.js';
import type { Collection } from './collection.js';
import { newId, timestamp } from './entity-ids.js';
import { deletion, type NamedEntity } from './entity-routes.js';
import { Evaluation } from './evaluation-config.js';
import { configRoutes, targetRoutes, toEntity } from './evaluation-entities.js';
import { NewEvaluation, withoutKeys, type EntityRef, type EvaluationJob } from './evaluation-job.js';
import { liveRoutes } from './evaluation-live.js';
import { resultRoutes } from './evaluation-result-routes.js';
import { deleteResults, zipLog, zipSamples } from './evaluation-results.js';
import { addEvaluation, cancelEvaluation } from './evaluation-run.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import { param } from './names.js';
import type { Platform } from './platform.js';

/** The evaluator: jobs that score the answers of a model, or rows as they are. */
export const evaluatorRoutes = (platform: Platform): Router =>
  Router().use(
    targetRoutes(platform),
    configRoutes(platform),
    jobRoutes(platform),
    resultRoutes(platform),
    liveRoutes(platform, (body) => parseEvaluation(platform, body)),
  );

const JOBS = '/v1/evaluation/jobs';

function jobRoutes(platform: Platform): Router {
  const { evaluations, evaluationResults, dataDir } = platform;
  const found = (req: Request) => {
    const job = evaluations.get(param(req, 'id'));
    if (!job) throw notFound(`evaluation job ${param(req, 'id')}`);
    return job;
  };
  const resultIdOf = (job: EvaluationJob) => {
    if (job.status === 'completed' && job.result !== null) return job.result;
    throw notFound(`results of evaluation job ${job.id} (its status is ${job.status})`);
  };
  return (
    Router()
      .post(JOBS, (req, res) => {
        const job = toJob(platform, req.body);
        addEvaluation(platform, job);
        res.status(201).json(withoutKeys(job));
      })
      .get(JOBS, (req, res) => void res.json(listPage(req, evaluations.all().map(withoutKeys), namesOf)))
      .get(`${JOBS}/:id`, (req, res) => void res.json(withoutKeys(found(req))))
      .get([`${JOBS}/:id/status`, `${JOBS}/:id/status-details`], (req, res) => {
        res.json(found(req).status_details);
      })
      .get(`${JOBS}/:id/results`, (req, res) => {
        const id = resultIdOf(found(req));
        const result = evaluationResults.get(id);
        if (!result) throw notFound(`evaluation result ${id}`);
        res.json(result);
      })
      .get(`${JOBS}/:id/download-results`, (req, res) => {
        const job = found(req);
        resultIdOf(job);
        res.type('application/zip');
        zipSamples(dataDir, job.id).pipe(res);
      })
      // A ZIP, whatever the caller accepts.
      .get(`${JOBS}/:id/logs`, (req, res) => {
        const { id } = found(req);
        res.type('application/zip');
        zipLog(dataDir, id).pipe(res);
      })
      .post(`${JOBS}/:id/cancel`, (req, res) => {
        const job = found(req);
        if (isOver(job)) throw conflict(`evaluation job ${job.id} is ${job.status} and cannot be cancelled`);
        cancelEvaluation(platform, job);
        res.json(withoutKeys(job));
      })
      .delete(`${JOBS}/:id`, (req, res) => {
        const job = found(req);
        if (!isOver(job))
          throw conflict(`evaluation job ${job.id} is ${job.status}: cancel it before deleting it`);
        evaluations.delete(job.id);
        if (job.result !== null) evaluationResults.delete(job.result);
        deleteResults(dataDir, job.id);
        res.json(deletion(job.id));
      })
  );
}

function toJob(platform: Platform, request: unknown): EvaluationJob {
  const { evaluation, inline, ...body } = parseEvaluation(platform, request);
  // Without their keys: nobody deletes them, and a key must not outlive its job.
  for (const { stored, entity } of inline)
    stored.put(`${entity.namespace}/${entity.name}`, withoutKeys(entity));
  const now = timestamp();
  return {
    description: null,
    project: null,
    custom_fields: {},
    ownership: null,
    output_files_url: null,
    ...body,
    id: newId('eval'),
    ...evaluation,
    status: 'created',
    status_details: { message: null, task_status: {}, progress: null, samples_processed: null },
    result: null,
    created_at: now,
    updated_at: now,
  };
}

/** A request's evaluation with its config and target whole, however they were given. */
function parseEvaluation({ evaluationConfigs, evaluationTargets }: Platform, request: unknown) {
  const { config, target, ...body } = parseBody(NewEvaluation, request);
  const wholeConfig = wholeEntity('eval-config', evaluationConfigs, config);
  const wholeTarget = wholeEntity('eval-target', evaluationTargets, target);
  const evaluation = parseBody(Evaluation, { config: wholeConfig, target: wholeTarget });
  const inline = [
    ...(typeof config === 'string' ? [] : [{ stored: evaluationConfigs, entity: wholeConfig }]),
    ...(typeof target === 'string' ? [] : [{ stored: evaluationTargets, entity: wholeTarget }]),
  ];
  return { ...body, evaluation, inline };
}

/** Inline configs and targets become entities, in namespace `default` with a generated name. */
function wholeEntity(prefix: string, stored: Collection<NamedEntity>, ref: EntityRef): NamedEntity {
  if (typeof ref !== 'string') return toEntity(prefix, { ...ref, name: undefined, namespace: undefined });
  const entity = stored.get(ref);
  if (!entity)
    throw notFound(`${prefix === 'eval-config' ? 'evaluation config' : 'evaluation target'} ${ref}`);
  return entity;
}

/** Jobs are found by their config's and target's names too. */
const namesOf = ({ config, target }: EvaluationJob) => ({
  config: `${String(config['namespace'])}/${String(config['name'])}`,
  target: `${String(target['namespace'])}/${String(target['name'])}`,
});
