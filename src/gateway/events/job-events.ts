import { createHash } from 'node:crypto';
import { z } from 'zod';
import { jobCustomization, jobDetail, type JobDetail, jobEvaluation, jobNim, type JobNim } from '../wire.js';

const model_name = z.string();

const stageEvent = jobDetail
  .pick({
    id: true,
    status: true,
    started_at: true,
    finished_at: true,
    num_records: true,
    error: true,
    stage: true,
  })
  .meta({ id: 'StageEvent', description: 'data of `stage` and `end`' });

const candidateEvent = jobNim
  .omit({ runtime_seconds: true, evaluations: true, customizations: true })
  .meta({ id: 'CandidateEvent', description: 'data of `candidate`' });

const evaluationEvent = jobEvaluation
  .omit({ runtime_seconds: true })
  .extend({ model_name })
  .meta({ id: 'EvaluationEvent', description: 'data of `evaluation`' });

const customizationEvent = jobCustomization
  .omit({ runtime_seconds: true })
  .extend({ model_name })
  .meta({ id: 'CustomizationEvent', description: 'data of `customization`' });

/** The data of an event: a part of the job's document as it is now, but for what changes by itself. */
export const eventData = z.union([stageEvent, candidateEvent, evaluationEvent, customizationEvent]);

type Named<N extends string, S extends z.ZodType> = { name: N; data: z.output<S> };

export type JobEvent =
  | Named<'stage' | 'end', typeof stageEvent>
  | Named<'candidate', typeof candidateEvent>
  | Named<'evaluation', typeof evaluationEvent>
  | Named<'customization', typeof customizationEvent>;

/**
 * An event with the id that stands for all that was sent up to it: four characters of a digest for each place in the
 * job, so that any gateway knows what who has seen it lacks.
 */
export type SentEvent = JobEvent & { id: string };

/** Places of each candidate: itself, and its experiments in this order. */
const EXPERIMENTS = ['base-eval', 'icl-eval', 'customization', 'customized-eval'] as const;

const UNSENT = '....';
const END = '!';
const ID = /^(?:[\w-]{4}|\.{4})*!?$/;

/** What whoever has seen `lastId` has not: nothing, where nothing has changed; all, where the id is none of ours. */
export function eventsSince(lastId: string, job: JobDetail): SentEvent[] {
  const isOurs = ID.test(lastId);
  const sent = isOurs ? (lastId.match(/[^!]{4}/g) ?? []) : [];
  const events: SentEvent[] = [];
  for (const [place, event] of placesOf(job).entries()) {
    const digest = event ? digestOf(event) : UNSENT;
    if (!event || sent[place] === digest) continue;
    sent[place] = digest;
    events.push({ ...event, id: idOf(sent) });
  }
  const hasSeenEnd = isOurs && lastId.endsWith(END);
  if (job.finished_at !== null && !hasSeenEnd)
    events.push({ name: 'end', data: stageOf(job), id: idOf(sent) + END });
  return events;
}

const idOf = (sent: string[]): string => Array.from(sent, (digest = UNSENT) => digest).join('');

const digestOf = (event: JobEvent): string =>
  createHash('sha256').update(JSON.stringify(event)).digest('base64url').slice(0, UNSENT.length);

const placesOf = (job: JobDetail): (JobEvent | null)[] => [
  { name: 'stage', data: stageOf(job) },
  ...job.nims.flatMap(candidatePlaces),
];

const stageOf = ({ id, status, started_at, finished_at, num_records, error, stage }: JobDetail) => ({
  id,
  status,
  started_at,
  finished_at,
  num_records,
  error,
  stage,
});

function candidatePlaces({ runtime_seconds: _, evaluations, customizations, ...candidate }: JobNim) {
  const { model_name } = candidate;
  const experiments = EXPERIMENTS.map((kind): JobEvent | null => {
    if (kind === 'customization') {
      const [customization] = customizations;
      return customization ? { name: kind, data: { ...withoutRuntime(customization), model_name } } : null;
    }
    const evaluation = evaluations.find(({ eval_type }) => eval_type === kind);
    return evaluation ? { name: 'evaluation', data: { ...withoutRuntime(evaluation), model_name } } : null;
  });
  return [{ name: 'candidate', data: candidate } satisfies JobEvent, ...experiments];
}

const withoutRuntime = <T extends { runtime_seconds: number }>({ runtime_seconds: _, ...rest }: T) => rest;
