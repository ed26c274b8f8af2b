import { type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';
import { CANDIDATE } from '../../../workflows/contract.js';

/** So many times shorter than its workflow asked for is each timer of a holder. */
export const SHORTENED = 100_000;

/** What a bundle has for the workflows in it. */
export const interceptors = (): WorkflowInterceptors =>
  workflowInfo().workflowType === CANDIDATE
    ? {
        outbound: [
          { startTimer: (input, next) => next({ ...input, durationMs: input.durationMs / SHORTENED }) },
        ],
      }
    : {};
