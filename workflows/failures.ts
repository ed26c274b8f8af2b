import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  isCancellation,
  rootCause,
} from '@temporalio/workflow';
import { LEASE_LOST } from './contract.js';

export const CANDIDATE_FAILED = 'CandidateFailed';
/** The pool refuses, or a model does not deploy or is lost; the details name the model, or null. */
export const GPUS_DENIED = 'GpusDenied';

export const isGpusDenied = (error: unknown): error is ApplicationFailure =>
  error instanceof ApplicationFailure && error.type === GPUS_DENIED;

/** A job was told that its GPUs are not its own any more. */
export const isLeaseLost = (error: unknown): boolean =>
  error instanceof ActivityFailure &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === LEASE_LOST;

/** Says in one sentence what went wrong, for the `error` of a document. */
export function reasonOf(error: unknown): string {
  // Some failures, a cancellation's among them, say nothing.
  return rootCause(error) || (error instanceof Error ? error.message || error.name : String(error));
}

/**
 * Whether this error is the effect of a cancellation: a job that was stopped because its scope is cancelled ends its
 * watch with a failure of its own, which is no news.
 */
export const causedByCancellation = (error: unknown): boolean =>
  isCancellation(error) || CancellationScope.current().consideredCancelled;

/** A step that succeeds although it was cancelled hides that: whoever is cancelled before its end does not go on. */
export async function endIfCancelled(): Promise<void> {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
}

/** The cancellation itself, whatever failure brought it here: only that ends a workflow as Cancelled. */
export const asCancellation = (error: unknown): unknown =>
  isCancellation(error) ? error : new CancelledFailure('cancelled');

/** What a failed workflow of ours carried along; null for any other failure. */
export function failureDetails<T>(error: unknown, type: string): T | null {
  const cause =
    error instanceof ChildWorkflowFailure || error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure && cause.type === type ? (cause.details?.[0] as T) : null;
}
