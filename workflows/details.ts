import type {
  CandidateState,
  EvaluationState,
  OwnModelState,
  RunRecord,
  ScoreSummary,
} from '../src/run-record.js';

// Pure: the Markdown that the Temporal UI shows as a workflow's current details; a list needs a blank line before it.

const score = ({ key, value, n, failed }: ScoreSummary): string =>
  `${key} ${value?.toFixed(2) ?? '–'} (n ${n}${failed > 0 ? `, ${failed} failed` : ''})`;

function evaluationLine({ kind, status, scores, error }: EvaluationState): string {
  const result = scores.map(score).join(', ');
  return `- ${kind}: ${status}${result && ` · ${result}`}${error === null ? '' : ` · ${error}`}`;
}

function customizationLine(candidate: CandidateState): string[] {
  const step = candidate.customization;
  if (step === null) return [];
  const result = step.customizedModel ?? step.error;
  return [`- customization: ${step.status}${result === null ? '' : ` · ${result}`}`];
}

/** Where a candidate stands: one line for each experiment and its training. */
export function candidateDetails(candidate: CandidateState): string {
  return [
    `**${candidate.model}**: ${candidate.status}, deployment ${candidate.deploymentStatus}`,
    '',
    ...candidate.evaluations.map(evaluationLine),
    ...customizationLine(candidate),
    ...(candidate.verdict === null ? [] : [`- verdict: ${candidate.verdict.text}`]),
    ...(candidate.error === null ? [] : [`- error: ${candidate.error}`]),
  ].join('\n');
}

function ownModelLine(role: string, state: OwnModelState | null): string[] {
  if (state === null) return [];
  const { model, deploymentStatus, error } = state;
  return [`- ${role} ${model}: deployment ${deploymentStatus}${error === null ? '' : ` · ${error}`}`];
}

/** Where a run stands: its stage, what became of the records, one line for each candidate. */
export function runDetails(run: RunRecord): string {
  const { funnel } = run;
  return [
    `**${run.clientId} / ${run.workloadId}**: ${run.status}, ${run.stage}`,
    '',
    ...(funnel === null
      ? []
      : [
          `- ${funnel.read} records read; ${funnel.evaluation} rows to evaluate, ${funnel.training} to train, ` +
            `${funnel.validation} to validate`,
        ]),
    ...ownModelLine('embedding model', run.embeddingModel),
    ...ownModelLine('judge', run.judge),
    ...run.candidates.map(({ model, status, verdict, error }) => {
      const outcome = verdict?.text ?? error;
      return `- ${model}: ${status}${outcome === null ? '' : ` · ${outcome}`}`;
    }),
    ...(run.error === null ? [] : [`- error: ${run.error}`]),
  ].join('\n');
}
