import type { DescribeWorkflowExecutionResponse } from '@temporalio/client';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import type { JobProgress } from '../../activities/contract.js';
import type { CandidateState, CustomizationState, EvaluationState } from '../run-record.js';
import { CUSTOMIZATION_ACTIVITY, evaluationActivity } from '../../workflows/contract.js';

/** The last heartbeats of a workflow's pending activities, by activity id. */
export async function heartbeatsOf(
  description: DescribeWorkflowExecutionResponse,
  converter: LoadedDataConverter,
): Promise<Map<string, JobProgress>> {
  const heartbeats = new Map<string, JobProgress>();
  for (const { activityId, heartbeatDetails } of description.pendingActivities ?? []) {
    const payload = heartbeatDetails?.payloads?.[0];
    if (activityId && payload) heartbeats.set(activityId, await decode(payload, converter));
  }
  return heartbeats;
}

/**
 * What the steps of a candidate said last. One that is over says nothing any more, though its workflow may still wait
 * for a worker that tells it so.
 */
export class LastSaid {
  #of: CandidateState | null = null;
  #heartbeats = new Map<string, JobProgress>();

  /** The candidate, which is the same object as before when it has not gone on, with what its running steps said. */
  shownOn(candidate: CandidateState, heartbeats: Map<string, JobProgress>): CandidateState {
    const known = this.#of === candidate ? this.#heartbeats : [];
    this.#heartbeats = new Map([...known, ...heartbeats]);
    this.#of = candidate;
    return withProgress(candidate, this.#heartbeats);
  }
}

function withProgress(candidate: CandidateState, heartbeats: Map<string, JobProgress>): CandidateState {
  const { customization, evaluations } = candidate;
  return {
    ...candidate,
    evaluations: evaluations.map((evaluation) =>
      advanceEvaluation(evaluation, heartbeats.get(evaluationActivity(evaluation.kind))),
    ),
    customization:
      customization && advanceCustomization(customization, heartbeats.get(CUSTOMIZATION_ACTIVITY)),
  };
}

function advanceEvaluation(evaluation: EvaluationState, said: JobProgress | undefined): EvaluationState {
  if (said === undefined || evaluation.status !== 'running') return evaluation;
  return { ...evaluation, ...jobOf(said), progress: said.percent ?? evaluation.progress };
}

function advanceCustomization(known: CustomizationState, said: JobProgress | undefined): CustomizationState {
  if (said === undefined || known.status !== 'running') return known;
  return {
    ...known,
    ...jobOf(said),
    progress: said.percent ?? known.progress,
    epochsCompleted: said.epochsCompleted ?? known.epochsCompleted,
    stepsCompleted: said.stepsCompleted ?? known.stepsCompleted,
    trainLoss: said.trainLoss ?? known.trainLoss,
    validationLoss: said.validationLoss ?? known.validationLoss,
  };
}

const jobOf = ({ externalId, uri }: JobProgress) => ({ jobId: externalId, uri });

/** Watches heartbeat nothing but `JobProgress`. */
async function decode(payload: Payload, converter: LoadedDataConverter): Promise<JobProgress> {
  let payloads = [payload];
  for (const codec of [...converter.payloadCodecs].reverse()) payloads = await codec.decode(payloads);
  return converter.payloadConverter.fromPayload<JobProgress>(payloads[0] ?? payload);
}
