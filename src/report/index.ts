import type { EvaluationState, Verdict, WorkloadType } from '../run-record.js';
export { compareCandidates } from './comparison.js';
import { completeScores } from './scores.js';
import type { SamplesByExperiment } from './types.js';
import { verdictOn } from './verdict.js';

export interface ReportInput {
  model: string;
  /** Agreement with production that a candidate must reach, 0..1. */
  target: number;
  slices: { type: WorkloadType; rows: number }[];
  evaluations: EvaluationState[];
  samples: SamplesByExperiment;
  /** Of the bootstrap. */
  seed: number;
}

/** What was measured on a candidate, with its uncertainty, and what follows from it. Measured is agreement with the logged answers of production. */
export function reportOn({ target, slices, evaluations, samples, seed }: ReportInput): {
  evaluations: EvaluationState[];
  verdict: Verdict;
} {
  const completed = completeScores(evaluations, samples, seed);
  return { evaluations: completed, verdict: verdictOn({ target, slices, evaluations: completed, samples }) };
}
