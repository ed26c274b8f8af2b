import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { QueryDefinition } from '@temporalio/common';
import { withJudgeSeen, type CandidateState, type RunRecord } from '../run-record.js';
import { describeWorkflow } from '../workflow-standing.js';
import { candidateState, candidateWorkflowId, runState } from '../../workflows/contract.js';
import { Answer, type Questions, waitsToBegin, type WorkerLife } from './answer.js';
import { completedSince } from './completed-tasks.js';
import { heartbeatsOf, LastSaid } from './progress.js';

/** What the workflows of one run answered last. */
export interface RunAnswers {
  run: Answer<RunRecord>;
  /** By model. */
  candidates: Map<string, { state: Answer<CandidateState>; said: LastSaid }>;
  life: WorkerLife;
}

export const noAnswers = (life: WorkerLife): RunAnswers => ({
  run: new Answer(life),
  candidates: new Map(),
  life,
});

/** The state of an open run by the words of its workflows, with the live progress of what they wait for. */
export async function queryRun(
  temporal: Client,
  runId: string,
  description: WorkflowExecutionDescription,
  answers: RunAnswers,
): Promise<RunRecord> {
  const run = await answers.run.of(description, questions(temporal, description, runState));
  const candidates = await Promise.all(
    run.candidates.map((candidate) => readLiveCandidate(temporal, runId, candidate, answers)),
  );
  return withJudgeSeen({ ...run, candidates });
}

const questions = <T>(
  temporal: Client,
  description: WorkflowExecutionDescription,
  state: QueryDefinition<T>,
): Questions<T> => ({
  ask: () => temporal.workflow.getHandle(description.workflowId).query(state),
  completedSince: (events) => completedSince(temporal, description, events),
});

/** The run's own word holds before its candidate has begun and after it has ended. */
async function readLiveCandidate(
  temporal: Client,
  runId: string,
  known: CandidateState,
  { candidates, life }: RunAnswers,
): Promise<CandidateState> {
  if (known.finishedAt !== null) return known;
  const workflowId = candidateWorkflowId(runId, known.model);
  const description = await describeWorkflow(temporal, workflowId);
  if (description === null || waitsToBegin(description, life)) return known;
  const answers = candidates.get(known.model) ?? {
    state: new Answer<CandidateState>(life),
    said: new LastSaid(),
  };
  candidates.set(known.model, answers);
  const state = await answers.state.of(description, questions(temporal, description, candidateState));
  const { loadedDataConverter } = temporal.options;
  return answers.said.shownOn(state, await heartbeatsOf(description.raw, loadedDataConverter));
}
