import { strFromU8, unzipSync } from 'fflate';
import { z } from 'zod';
import { EXPERIMENT_KINDS, type ExperimentKind } from '../run-record.js';
import { modelSlug, runProject } from '../ids.js';
import type { evaluationConfig, ModelReference } from './evaluation-config.js';
import type { Http } from './http.js';
import { isOver } from './job-status.js';
import { firstMatch, listAll } from './list.js';

const details = z.object({
  message: z.string().nullish(),
  progress: z.number().nullish(),
  samples_processed: z.number().nullish(),
});
const job = z.object({
  id: z.string(),
  status: z.string(),
  updated_at: z.string().nullish(),
  status_details: details.nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
  project: z.string().nullish(),
});
export type EvaluationJob = z.infer<typeof job>;

const score = z.object({
  value: z.number().nullish(),
  stats: z.object({ count: z.number().nullish() }).nullish(),
});
const results = z.object({
  tasks: z.record(
    z.string(),
    z.object({
      metrics: z.record(z.string(), z.object({ scores: z.record(z.string(), score).nullish() })).nullish(),
    }),
  ),
});
export type EvaluationResults = z.infer<typeof results>;

const sample = z.object({
  item: z.record(z.string(), z.unknown()),
  metrics: z
    .record(
      z.string(),
      z
        .object({ scores: z.record(z.string(), z.object({ value: z.number().nullish() })).nullish() })
        .nullish(),
    )
    .nullish(),
});
const samplesByTask = z.record(z.string(), z.array(sample));
/** What the archive holds of one row; a metric without a value failed there. */
export type EvaluatedSample = z.infer<typeof sample>;

export interface EvaluationName {
  runId: string;
  candidate: string;
  kind: ExperimentKind;
}

export interface NewEvaluation {
  name: EvaluationName;
  namespace: string;
  target: ModelReference;
  config: ReturnType<typeof evaluationConfig>;
}

const JOBS = '/v1/evaluation/jobs';
const PROJECT = /^flywheel-([0-9a-f]{24})$/;
const LABEL = new RegExp(`^(.+)/(${EXPERIMENT_KINDS.join('|')})$`);
const label = ({ candidate, kind }: EvaluationName): string => `${modelSlug(candidate)}/${kind}`;

/** The evaluator: jobs that score a model's answers. */
export const createEvaluator = (http: Http) => {
  const remove = async (jobId: string, signal?: AbortSignal): Promise<void> => {
    await http.expect('DELETE', `${JOBS}/${jobId}`, [404], { signal });
  };

  return {
    url: (jobId: string): string => `${http.baseUrl}${JOBS}/${jobId}`,

    /** Every evaluation of a run. */
    ofRun: (runId: string, signal?: AbortSignal) => evaluationsOf(http, runId, signal),

    running: (signal?: AbortSignal) => runningEvaluations(http, signal),

    /** The run's evaluation of that name, the newest if there are more; a failed or cancelled one counts too. */
    find: (name: EvaluationName, signal?: AbortSignal) =>
      firstMatch(evaluationsOf(http, name.runId, signal), (found) => isNamed(found, name)),

    /** All of that name: more than one if an attempt made one unheard and the next did not see it yet. */
    ofName: (name: EvaluationName, signal?: AbortSignal) => allOfName(http, name, signal),

    async create(
      { name, namespace, target, config }: NewEvaluation,
      signal?: AbortSignal,
    ): Promise<EvaluationJob> {
      const body = {
        namespace,
        project: runProject(name.runId),
        custom_fields: { flywheel: label(name) },
        target: { type: 'model', model: target },
        config,
      };
      return await http.json('POST', JOBS, job, { body, signal, creates: true });
    },

    /** null: there is no such job (any more). */
    async get(jobId: string, signal?: AbortSignal): Promise<EvaluationJob | null> {
      return await http.find(`${JOBS}/${jobId}`, job, signal);
    },

    results: (jobId: string, signal?: AbortSignal): Promise<EvaluationResults> =>
      http.json('GET', `${JOBS}/${jobId}/results`, results, { signal }),

    samples: (jobId: string, signal?: AbortSignal) => samplesOf(http, jobId, signal),

    /** Asks for the end; a job that is over already is fine. Where jobs cannot be cancelled, it is deleted. */
    async cancel(jobId: string, signal?: AbortSignal): Promise<void> {
      const fine = [400, 404, 405, 409, 422];
      const { status } = await http.expect('POST', `${JOBS}/${jobId}/cancel`, fine, { signal });
      // Not every release has the route.
      if (status === 404 || status === 405) await remove(jobId, signal);
    },

    /** An absent job is fine. */
    delete: remove,
  };
};

/** A server may ignore a filter; what is another run's must never be touched. */
async function* evaluationsOf(http: Http, runId: string, signal?: AbortSignal): AsyncIterable<EvaluationJob> {
  const project = runProject(runId);
  for await (const found of listAll(http, JOBS, job, { project }, signal))
    if (found.project === project) yield found;
}

async function allOfName(http: Http, name: EvaluationName, signal?: AbortSignal): Promise<EvaluationJob[]> {
  const all: EvaluationJob[] = [];
  for await (const found of evaluationsOf(http, name.runId, signal))
    if (isNamed(found, name)) all.push(found);
  return all;
}

const isNamed = ({ custom_fields }: EvaluationJob, name: EvaluationName): boolean =>
  custom_fields?.['flywheel'] === label(name);

/** Whatever is not labelled as ours are is left out. */
async function runningEvaluations(http: Http, signal?: AbortSignal): Promise<EvaluationName[]> {
  const found: EvaluationName[] = [];
  for await (const { project, custom_fields, status } of listAll(http, JOBS, job, {}, signal)) {
    const [, runId] = PROJECT.exec(project ?? '') ?? [];
    const [, candidate, kind] = LABEL.exec(String(custom_fields?.['flywheel'])) ?? [];
    if (runId === undefined || candidate === undefined || isOver(status)) continue;
    found.push({ runId, candidate, kind: kind as ExperimentKind });
  }
  return found;
}

/** Every scored row by task, from the archive; null when it is not laid out as expected. */
async function samplesOf(
  http: Http,
  jobId: string,
  signal?: AbortSignal,
): Promise<Record<string, EvaluatedSample[]> | null> {
  const { bytes } = await http.expect('GET', `${JOBS}/${jobId}/download-results`, [], { signal });
  return readArchive(bytes);
}

function readArchive(bytes: Uint8Array): Record<string, EvaluatedSample[]> | null {
  try {
    const files = unzipSync(bytes, { filter: ({ name }) => name.endsWith('results.json') });
    const texts = Object.values(files).map((file) => JSON.parse(strFromU8(file)) as unknown);
    const parts = texts
      .map((text) => samplesByTask.safeParse(text).data)
      .filter((part) => part !== undefined);
    if (parts.length === 0) return null;
    return parts.reduce<Record<string, EvaluatedSample[]>>((all, part) => ({ ...all, ...part }), {});
  } catch {
    return null;
  }
}
