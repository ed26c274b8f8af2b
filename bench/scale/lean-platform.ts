import { randomBytes } from 'node:crypto';
import express, { type Express, type Request, type Response } from 'express';
import { z } from 'zod';
import { archiveOf, type LeanJob, NewEvaluation, NewTraining, resultsOf, statusOf } from './lean-jobs.js';

// A platform that answers and computes nothing, all of it on one port: takes the port, and the seconds of a training.

const [port, trainingSeconds] = process.argv.slice(2).map(Number);
const app = express().disable('x-powered-by').disable('etag');
app.use(express.json({ limit: '100mb' }), express.text({ limit: '100mb', type: 'application/x-ndjson' }));

const NewDeployment = z.looseObject({
  name: z.string(),
  namespace: z.string(),
  config: z.looseObject({ model: z.string() }),
});
const Preupload = z.object({ files: z.array(z.object({ path: z.string() })) });
const deployments = new Map<string, z.infer<typeof NewDeployment>>();
const datasets = new Map<string, unknown>();
const trainings = new Map<string, LeanJob>();
const evaluations = new Map<string, LeanJob>();

const path = ({ params }: Request): string => `${String(params['namespace'])}/${String(params['name'])}`;
const orMissing = (response: Response, found: unknown) =>
  found === undefined ? response.status(404).json({ detail: 'not found' }) : response.json(found);
/** Of a listing, in which a project asks for its own. */
const page = ({ query }: Request, all: Iterable<LeanJob>, document: (job: LeanJob) => unknown) => {
  const wanted: unknown = query['filter[project]'];
  const [number, size] = [Number(query['page'] ?? 1), Number(query['page_size'] ?? 100)];
  const own = [...all].filter(({ project }) => wanted === undefined || project === wanted);
  return { data: own.slice((number - 1) * size, number * size).map(document) };
};

function jobRoutes(
  root: string,
  jobs: Map<string, LeanJob>,
  document: (job: LeanJob) => unknown,
  create: (body: unknown, id: string) => Pick<LeanJob, 'project' | 'shown' | 'tasks'>,
): Express {
  return app
    .post(root, (request, response) => {
      const id = randomBytes(12).toString('hex');
      const job = { id, createdAt: Date.now(), isCancelled: false, ...create(request.body, id) };
      jobs.set(id, job);
      response.json(document(job));
    })
    .get(root, (request, response) => response.json(page(request, jobs.values(), document)))
    .get([`${root}/:id`, `${root}/:id/status`], ({ params }, response) => {
      const job = jobs.get(String(params.id));
      return orMissing(response, job && document(job));
    })
    .post(`${root}/:id/cancel`, ({ params }, response) => {
      const job = jobs.get(String(params.id));
      if (job) job.isCancelled = true;
      response.json({});
    });
}

jobRoutes(
  '/v1/customization/jobs',
  trainings,
  (job) => ({ id: job.id, status: statusOf(job, trainingSeconds ?? 0), project: job.project, ...job.shown }),
  (body, id) => {
    const { output_model, project } = NewTraining.parse(body);
    return { project, shown: { output_model: `${output_model}@${id}` }, tasks: {} };
  },
);
jobRoutes(
  '/v1/evaluation/jobs',
  evaluations,
  (job) => ({ id: job.id, status: statusOf(job, 0), project: job.project, ...job.shown }),
  (body) => {
    const { project, custom_fields, config } = NewEvaluation.parse(body);
    return { project, shown: { custom_fields }, tasks: config.tasks };
  },
);

const ofEvaluation =
  (answer: (job: LeanJob, response: Response) => unknown) =>
  ({ params }: Request, response: Response) => {
    const job = evaluations.get(String(params['id']));
    return job ? answer(job, response) : orMissing(response, undefined);
  };

app
  .get(
    '/v1/evaluation/jobs/:id/results',
    ofEvaluation((job, response) => response.json(resultsOf(job))),
  )
  .get(
    '/v1/evaluation/jobs/:id/download-results',
    ofEvaluation((job, response) => response.send(Buffer.from(archiveOf(job)))),
  )
  .get('/v1/models', (_, response) => {
    const deployed = [...deployments.values()].map(({ config }) => config.model);
    const trained = [...trainings.values()].map(({ shown }) => shown['output_model']);
    response.json({ data: [...deployed, ...trained].map((id) => ({ id })) });
  })
  .post('/v1/deployment/model-deployments', ({ body }, response) => {
    const deployment = NewDeployment.parse(body);
    deployments.set(`${deployment.namespace}/${deployment.name}`, deployment);
    response.json(deployment);
  })
  .get('/v1/deployment/model-deployments', ({ query }, response) =>
    response.json({ data: query['page'] === '1' ? [...deployments.values()].map(ready) : [] }),
  )
  .get('/v1/deployment/model-deployments/:namespace/:name', (request, response) =>
    orMissing(response, ready(deployments.get(path(request)))),
  )
  .delete('/v1/deployment/model-deployments/:namespace/:name', (request, response) =>
    response.json({ deleted: deployments.delete(path(request)) }),
  )
  .post('/v1/datasets', ({ body }: { body: Record<string, unknown> }, response) => {
    datasets.set(`${String(body['namespace'])}/${String(body['name'])}`, body);
    response.json(body);
  })
  .get('/v1/datasets', ({ query }, response) =>
    response.json({ data: query['page'] === '1' ? [...datasets.values()] : [] }),
  )
  .get('/v1/datasets/:namespace/:name', (request, response) =>
    orMissing(response, datasets.get(path(request))),
  )
  .post('/v1/hf/api/datasets/:namespace/:name/preupload/:revision', ({ body }, response) => {
    const files = Preupload.parse(body).files.map((file) => ({
      path: file.path,
      uploadMode: 'regular',
      shouldIgnore: false,
    }));
    response.json({ files });
  })
  .post('/v1/hf/api/datasets/:namespace/:name/commit/:revision', (_, response) =>
    response.json({ commitOid: '0'.repeat(40), commitUrl: '', hookOutput: '' }),
  )
  .post('/v1/hf/api/repos/create', ({ body }: { body: { name?: string } }, response) =>
    response.json({ url: `datasets/${body.name}`, name: body.name }),
  )
  // Namespaces, configurations, health: whatever else is asked for is fine.
  .use((_, response) => response.json({ data: [] }));

function ready(deployment: z.infer<typeof NewDeployment> | undefined) {
  return deployment && { ...deployment, status_details: { status: 'ready' } };
}

app.listen(port ?? 0, '127.0.0.1', () => console.log('Answering'));
