import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** gRPC's DEADLINE_EXCEEDED, and CANCELLED, with which the client too may end what is late: nobody else cancels a call. */
export const LATE = new Set([4, 1]);
/** Also RESOURCE_EXHAUSTED and UNAVAILABLE. */
export const PASSING = new Set([...LATE, 8, 14]);

/** What gRPC says of a call to Temporal that failed; null: it is not gRPC that failed. */
export function grpcErrorOf(error: unknown) {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause : null;
}
