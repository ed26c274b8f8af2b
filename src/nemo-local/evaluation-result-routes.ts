import { Router, type Request } from 'express';
import { z } from 'zod';
import { newId, timestamp } from './entity-ids.js';
import { deletion, givenMembers } from './entity-routes.js';
import type { EvaluationResult } from './evaluation-results.js';
import { notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import { param } from './names.js';
import type { Platform } from './platform.js';

const RESULTS = '/v1/evaluation/results';

const NewResult = z.looseObject({ job: z.string().min(1), namespace: z.string().default('default') });

/** Results as entities of their own: those of finished jobs, and any that a caller adds. */
export function resultRoutes({ evaluationResults }: Platform): Router {
  const found = (req: Request) => {
    const result = evaluationResults.get(param(req, 'id'));
    if (!result) throw notFound(`evaluation result ${param(req, 'id')}`);
    return result;
  };
  const put = (result: EvaluationResult) => evaluationResults.put(result.id, result);
  return Router()
    .post(RESULTS, (req, res) => {
      const now = timestamp();
      const body = givenMembers(parseBody(NewResult, req.body));
      const added = { tasks: {}, groups: {}, custom_fields: {}, ...body };
      res.json(put({ ...added, id: newId('evaluation_result'), created_at: now, updated_at: now }));
    })
    .get(RESULTS, (req, res) => {
      res.json(listPage(req, evaluationResults.all(), ({ job }) => ({ job_id: job })));
    })
    .get(`${RESULTS}/:id`, (req, res) => void res.json(found(req)))
    .patch(`${RESULTS}/:id`, (req, res) => {
      const { id, created_at, ...kept } = found(req);
      const changed = parseBody(NewResult, {
        ...kept,
        ...givenMembers(parseBody(z.looseObject({}), req.body)),
      });
      res.json(put({ ...changed, id, created_at, updated_at: timestamp() }));
    })
    .delete(`${RESULTS}/:id`, (req, res) => {
      const { id } = found(req);
      evaluationResults.delete(id);
      res.json(deletion(id));
    });
}
