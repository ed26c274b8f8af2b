import type { JobCustomization, JobDetail, JobEvaluation, JobNim } from '../gateway/wire.js';
import { EXPERIMENT_TITLES, SCORE_TITLES } from './titles.js';

/** Where a job's progress is shown. */
export interface Progress {
  show(job: JobDetail): void;
  /** A line between, which stays. */
  say(line: string): void;
  /** Nothing is shown any more. */
  end(): void;
}

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

/** One line of progress. */
export interface Step {
  key: string;
  title: string;
  state: StepState;
  /** What there is to say of it now. */
  detail: string;
}

/** A line with those that belong to it. */
export interface StepGroup extends Step {
  steps: Step[];
}

/** All that there is to show of a job: itself, its datasets, and each candidate with its experiments. */
export const progressOf = (job: JobDetail): StepGroup[] => [
  { ...jobStep(job), steps: [] },
  { ...datasetsStep(job), steps: [] },
  ...job.nims.filter((nim) => !neverBegan(job, nim)).map(candidateProgress),
];

/** The words of jobs, candidates and their steps alike. */
const STATES = {
  pending: 'waiting',
  running: 'running',
  'deploying-nim': 'running',
  'running-evals': 'running',
  completed: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
} as const;

/** Where the job as a whole stands. Why it failed is told once, at the end. */
export function jobStep({ status, stage }: JobDetail): Step {
  const state = STATES[status];
  return { key: 'job', title: 'job', state, detail: isOver(state) ? '' : stage.replaceAll('-', ' ') };
}

/** What a job's document says of its datasets: the first thing a run does. */
export function datasetsStep(job: JobDetail): Step {
  const line = { key: 'datasets', title: 'datasets' };
  if (job.funnel) return { ...line, state: 'done', detail: funnelLine(job.funnel) };
  const open = job.stage === 'building-datasets' ? 'running' : 'waiting';
  return { ...line, state: job.finished_at === null ? open : STATES[job.status], detail: '' };
}

function funnelLine(funnel: NonNullable<JobDetail['funnel']>): string {
  const rejected = funnel.rejected.reduce((sum, { count }) => sum + count, 0);
  const untrained = funnel.untrained.reduce((sum, { count }) => sum + count, 0);
  const lost = [
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
    ...(funnel.duplicates > 0 ? [`${funnel.duplicates} duplicates`] : []),
    ...(funnel.beyond_limit > 0 ? [`${funnel.beyond_limit} beyond the limit`] : []),
    ...(untrained > 0 ? [`${untrained} not to train on`] : []),
  ];
  return (
    `${funnel.read} records read${lost.length > 0 ? ` (${lost.join(', ')})` : ''}: ${funnel.evaluation} to evaluate, ` +
    `${funnel.training} to train, ${funnel.validation} to validate, from ${funnel.conversations} conversations`
  );
}

/** Whether a candidate has no end of its own: what ended its job ended it too. */
export const sharesEnd = (job: JobDetail, { status, error }: JobNim): boolean =>
  status === job.status && (status === 'cancelled' || (status === 'failed' && error === job.error));

const neverBegan = (job: JobDetail, nim: JobNim): boolean =>
  sharesEnd(job, nim) && nim.evaluations.length + nim.customizations.length === 0;

/** Where a candidate and each of its experiments stand. */
export function candidateProgress(nim: JobNim): StepGroup {
  const state = STATES[nim.status];
  const evaluation = (type: JobEvaluation['eval_type']) =>
    evaluationStep(
      type,
      nim.evaluations.find(({ eval_type }) => eval_type === type),
    );
  const all = [
    evaluation('base-eval'),
    evaluation('icl-eval'),
    customizationStep(nim.customizations[0]),
    evaluation('customized-eval'),
  ];
  // What has not begun when its candidate ends never will.
  const steps = isOver(state) ? all.filter((step) => step.state !== 'waiting') : all;
  const title = nim.model_name;
  return { key: title, title, state, detail: candidateDetail(nim, state, steps), steps };
}

function candidateDetail({ error, deployment_status }: JobNim, state: StepState, steps: Step[]): string {
  if (!isOver(state)) return error ?? `deployment ${deployment_status}`;
  const told = state === 'cancelled' || steps.some(({ detail }) => detail === error);
  return told ? '' : (error ?? '');
}

function evaluationStep(key: JobEvaluation['eval_type'], evaluation: JobEvaluation | undefined): Step {
  const title = EXPERIMENT_TITLES[key];
  if (!evaluation) return { key, title, state: 'waiting', detail: '' };
  const { status, progress } = evaluation;
  const known = status === 'completed' ? scoresLine(evaluation) : `${Math.round(progress)} %`;
  return { key, title, state: STATES[status], detail: detailOf(evaluation, known) };
}

function customizationStep(customization: JobCustomization | undefined): Step {
  const [key, title] = ['customization', 'training'];
  if (!customization) return { key, title, state: 'waiting', detail: '' };
  const { status, epochs_completed, steps_completed, train_loss, validation_loss } = customization;
  const known = [
    `epoch ${epochs_completed}, step ${steps_completed}`,
    ...(train_loss === null ? [] : [`loss ${train_loss.toFixed(2)}`]),
    ...(validation_loss === null ? [] : [`validation ${validation_loss.toFixed(2)}`]),
  ].join(', ');
  return { key, title, state: STATES[status], detail: detailOf(customization, known) };
}

const detailOf = ({ status, error }: Pick<JobEvaluation, 'status' | 'error'>, known: string): string =>
  status === 'cancelled' ? '' : (error ?? known);

const isOver = (state: StepState): boolean => state !== 'waiting' && state !== 'running';

/** Every score with its n: never one without the other. */
const scoresLine = ({ scores, counts }: JobEvaluation): string =>
  Object.entries(counts)
    .map(([key, n]) => `${SCORE_TITLES[key] ?? key} ${scores[key]?.toFixed(2) ?? '–'} (n ${n})`)
    .join(', ');
