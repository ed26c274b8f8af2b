import type { JobCustomization, JobDetail, JobEvaluation, JobNim } from '../gateway/wire.js';
import { SCORE_TITLES } from './result-table.js';

/** One line of progress. */
export interface Step {
  key: string;
  title: string;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** What there is to say of it now. */
  detail: string;
}

export interface CandidateProgress extends Step {
  steps: Step[];
}

/** Every line of a job's progress; a candidate's steps are named after it. */
export const allSteps = (job: JobDetail): Step[] => [
  jobStep(job),
  datasetsStep(job),
  ...job.nims.map(candidateProgress).flatMap(({ steps, ...candidate }) => [
    candidate,
    ...steps.map((step) => ({
      ...step,
      title: `${candidate.title} ${step.title}`,
      key: `${candidate.key}/${step.key}`,
    })),
  ]),
];

/** Where the job as a whole stands. */
export function jobStep({ status, stage, error }: JobDetail): Step {
  const [key, title] = ['job', 'job'];
  if (status === 'pending' || status === 'running')
    return { key, title, state: 'running', detail: stage.replaceAll('-', ' ') };
  const state = status === 'completed' ? 'done' : 'failed';
  return { key, title, state, detail: error === null ? status : `${status}: ${error}` };
}

/** What a job's document says of its datasets: the first thing a run does. */
export function datasetsStep(job: JobDetail): Step {
  const title = 'datasets';
  if (job.funnel) return { key: title, title, state: 'done', detail: funnelLine(job) };
  if (job.finished_at !== null) return { key: title, title, state: 'failed', detail: job.error ?? '' };
  return { key: title, title, state: job.stage === 'building-datasets' ? 'running' : 'waiting', detail: '' };
}

export function funnelLine({ funnel }: JobDetail): string {
  if (!funnel) return '';
  const rejected = funnel.rejected.reduce((sum, { count }) => sum + count, 0);
  const lost = [
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
    ...(funnel.duplicates > 0 ? [`${funnel.duplicates} duplicates`] : []),
    ...(funnel.beyond_limit > 0 ? [`${funnel.beyond_limit} beyond the limit`] : []),
  ];
  return (
    `${funnel.read} records read${lost.length > 0 ? ` (${lost.join(', ')})` : ''}: ${funnel.evaluation} to evaluate, ` +
    `${funnel.training} to train, ${funnel.validation} to validate, from ${funnel.conversations} conversations`
  );
}

const EVALUATIONS = [
  ['base-eval', 'as it is'],
  ['icl-eval', 'with in-context examples'],
] as const;

/** Where a candidate and each of its experiments stand. */
export function candidateProgress(nim: JobNim): CandidateProgress {
  const evaluation = (type: string) => nim.evaluations.find(({ eval_type }) => eval_type === type);
  const ended = !['pending', 'deploying-nim', 'running-evals'].includes(nim.status);
  const steps = [
    ...EVALUATIONS.map(([type, title]) => evaluationStep(type, title, evaluation(type), ended)),
    customizationStep(nim.customizations[0], ended),
    evaluationStep('customized-eval', 'customized', evaluation('customized-eval'), ended),
  ];
  const state = ended
    ? nim.status === 'completed'
      ? 'done'
      : 'failed'
    : nim.status === 'pending'
      ? 'waiting'
      : 'running';
  const detail = nim.error ?? (ended ? '' : `deployment ${nim.deployment_status}`);
  return { key: nim.model_name, title: nim.model_name, state, detail, steps };
}

function evaluationStep(
  key: string,
  title: string,
  evaluation: JobEvaluation | undefined,
  ended: boolean,
): Step {
  if (!evaluation) return { key, title, state: ended ? 'failed' : 'waiting', detail: ended ? 'not run' : '' };
  const { status, error, progress } = evaluation;
  const detail = status === 'completed' ? scoresLine(evaluation) : (error ?? `${Math.round(progress)} %`);
  return { key, title, state: stateOf(status), detail };
}

function customizationStep(customization: JobCustomization | undefined, ended: boolean): Step {
  const [key, title] = ['customization', 'training'];
  if (!customization)
    return { key, title, state: ended ? 'failed' : 'waiting', detail: ended ? 'not run' : '' };
  const { status, error, epochs_completed, steps_completed, train_loss, validation_loss } = customization;
  const losses = [
    ...(train_loss === null ? [] : [`loss ${train_loss.toFixed(2)}`]),
    ...(validation_loss === null ? [] : [`validation ${validation_loss.toFixed(2)}`]),
  ];
  const detail = error ?? [`epoch ${epochs_completed}, step ${steps_completed}`, ...losses].join(', ');
  return { key, title, state: stateOf(status), detail };
}

const stateOf = (status: JobEvaluation['status']): Step['state'] =>
  status === 'running' ? 'running' : status === 'completed' ? 'done' : 'failed';

/** Every score with its n: never one without the other. */
const scoresLine = ({ scores, counts }: JobEvaluation): string =>
  Object.entries(counts)
    .map(([key, n]) => `${SCORE_TITLES[key] ?? key} ${scores[key]?.toFixed(2) ?? '–'} (n ${n})`)
    .join(', ');
