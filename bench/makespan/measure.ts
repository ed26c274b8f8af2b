import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { JobDetail, JobNim } from '../../src/gateway/wire.js';
import { Api } from '../../test/support/api.js';
import { ORDERS, orderLogs } from '../../test/support/order-logs.js';
import type { CandidateSteps, RunSteps } from './bound.js';
import type { Scenario } from './scenarios.js';

const POLL_MS = 250;
const CONVERSATIONS = 10;
const EVALUATION_ROWS = 15;

/** UTC without a zone, as the platform and the API write it. */
const moment = z.string().transform((text) => Date.parse(`${text.replace(/Z$/, '')}Z`) / 1000);
const Job = z.object({ created_at: moment, updated_at: moment });
const Datasets = z.object({ data: z.array(z.object({ name: z.string(), created_at: moment })) });

/** Starts the scenario's runs at once; resolves when all have ended with the makespan and what each step took. */
export async function measure(
  { runs }: Scenario,
  gatewayUrl: string,
  nemoUrl: string,
): Promise<{ makespan: number; steps: RunSteps[] }> {
  const api = new Api(gatewayUrl);
  await api.importRecords(orderLogs(CONVERSATIONS));
  const startedAt = Date.now() / 1000;
  const ids = await Promise.all(
    Array.from({ length: runs }, () =>
      api.start(ORDERS.workload, ORDERS.client, { eval_size: EVALUATION_ROWS }),
    ),
  );
  const jobs = await Promise.all(ids.map((id) => ended(api, id)));
  const endedAt = Math.max(...jobs.map(({ finished_at }) => moment.parse(finished_at)));
  const steps = await Promise.all(jobs.map((job) => stepsOf(job, nemoUrl, startedAt)));
  return { makespan: endedAt - startedAt, steps };
}

async function ended(api: Api, id: string): Promise<JobDetail> {
  for (;;) {
    const job = await api.job(id);
    if (job.finished_at !== null) {
      if (job.status !== 'completed') throw new Error(`run ${id} is ${job.status}: ${job.error}`);
      return job;
    }
    await sleep(POLL_MS);
  }
}

async function stepsOf({ datasets, nims }: JobDetail, nemoUrl: string, startedAt: number): Promise<RunSteps> {
  const { data } = Datasets.parse(await (await fetch(`${nemoUrl}/v1/datasets?page_size=1000`)).json());
  const names = datasets.map(({ name }) => name);
  const built = data.filter(({ name }) => names.includes(name)).map(({ created_at }) => created_at);
  const candidates = await Promise.all(
    nims.map(async (nim) => [nim.model_name, await candidateSteps(nim)] as const),
  );
  return { building: Math.max(...built) - startedAt, candidates: Object.fromEntries(candidates) };
}

async function candidateSteps({ model_name, evaluations, customizations }: JobNim): Promise<CandidateSteps> {
  const took = async (what: string, uri: string | null | undefined) => {
    if (!uri) throw new Error(`${model_name} has no ${what}`);
    const { created_at, updated_at } = Job.parse(await (await fetch(uri)).json());
    return updated_at - created_at;
  };
  const evaluation = (type: string) =>
    took(type, evaluations.find(({ eval_type }) => eval_type === type)?.nmp_uri);
  return {
    base: await evaluation('base-eval'),
    icl: await evaluation('icl-eval'),
    customized: await evaluation('customized-eval'),
    training: await took('customization', customizations[0]?.nmp_uri),
  };
}
