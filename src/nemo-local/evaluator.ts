import { Router, type Request } from 'express';
import type { z } from 'zod';
import { isOver } from './background-jobs.js';
import { newId, timestamp } from './entity-ids.js';
import { deletion } from './entity-store.js';
import { NewEvaluation, withoutKeys, type EvaluationJob } from './evaluation-job.js';
import { deleteResults, readSummary, zipResults } from './evaluation-results.js';
import { cancelEvaluation, startEvaluation } from './evaluation-run.js';
import { param } from './names.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import type { Platform } from './platform.js';

const JOBS = '/v1/evaluation/jobs';

/** The evaluator: jobs that send every row of a dataset through a model and score its answers. */
export function evaluatorRoutes(platform: Platform): Router {
  const { evaluations, dataDir } = platform;
  const found = (req: Request) => {
    const job = evaluations.get(param(req, 'id'));
    if (!job) throw notFound(`evaluation job ${param(req, 'id')}`);
    return job;
  };
  const completed = (req: Request) => {
    const job = found(req);
    if (job.status === 'completed') return job;
    throw notFound(`results of evaluation job ${job.id} (its status is ${job.status})`);
  };
  return Router()
    .post(JOBS, (req, res) => {
      const job = toJob(parseBody(NewEvaluation, req.body));
      evaluations.put(job.id, job);
      startEvaluation(platform, job);
      res.status(201).json(withoutKeys(job));
    })
    .get(JOBS, (req, res) => void res.json(listPage(req, evaluations.all().map(withoutKeys))))
    .get(`${JOBS}/:id`, (req, res) => void res.json(withoutKeys(found(req))))
    .get(`${JOBS}/:id/status`, (req, res) => void res.json(found(req).status_details))
    .get(`${JOBS}/:id/results`, (req, res) => void res.json(readSummary(dataDir, completed(req).id)))
    .get(`${JOBS}/:id/download-results`, (req, res) => {
      const { id } = completed(req);
      res.type('application/zip');
      zipResults(dataDir, id).pipe(res);
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
      deleteResults(dataDir, job.id);
      res.json(deletion(job.id));
    });
}

function toJob(body: z.infer<typeof NewEvaluation>): EvaluationJob {
  const now = timestamp();
  return {
    description: null,
    project: null,
    custom_fields: {},
    ownership: null,
    output_files_url: null,
    ...body,
    id: newId('eval'),
    config: { ...entity('eval-config', now), ...body.config },
    target: { ...entity('eval-target', now), ...body.target },
    status: 'created',
    status_details: { message: null, task_status: {}, progress: null, samples_processed: null },
    result: null,
    created_at: now,
    updated_at: now,
  };
}

/** Inline configs and targets become entities of their own, in namespace `default`. */
function entity(prefix: string, now: string) {
  const id = newId(prefix);
  const versions = { schema_version: '1.0', type_prefix: prefix, version_id: 'main', version_tags: [] };
  return { ...versions, id, name: id, namespace: 'default', created_at: now, updated_at: now };
}
