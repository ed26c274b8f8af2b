import type { Client } from '@temporalio/client';
import { cancellationSignal } from '@temporalio/activity';

const QUERY_LIMIT_MS = 10_000;

/** The answer of a workflow to a query; one that is slow fails. */
export const ask = <T, Args extends unknown[] = []>(
  temporal: Client,
  workflowId: string,
  query: string,
  ...args: Args
): Promise<T> =>
  // One for each question: Temporal's client never removes its listeners, and one activity may ask thousands.
  temporal.withAbortSignal(AbortSignal.any([cancellationSignal()]), () =>
    temporal.withDeadline(Date.now() + QUERY_LIMIT_MS, () =>
      temporal.workflow.getHandle(workflowId).query<T, Args>(query, ...args),
    ),
  );
