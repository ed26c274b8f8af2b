import type { ExperimentKind, WorkloadType } from '../run-record.js';

/** What one experiment's answer to one evaluation row scored. */
export interface Sample {
  /** `flywheel_id` of the row: the same in every experiment, so that differences are paired. */
  id: string;
  slice: WorkloadType;
  /** By score key; null: failed (no answer, or a judge's text that could not be read). */
  scores: Record<string, number | null>;
}

export type SamplesByExperiment = Partial<Record<ExperimentKind, Sample[]>>;
