import { type Client, Connection, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { unavailable } from './errors.js';

const LIMIT_MS = 5_000;
const DEADLINE_EXCEEDED = 4;
/** gRPC's DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and UNAVAILABLE. */
const PASSING = new Set([DEADLINE_EXCEEDED, 8, 14]);

/** Calls Temporal with a deadline; a server that does not answer or refuses is a 503 that says so. */
export async function askTemporal<T>(
  temporal: Client,
  call: () => Promise<T>,
  limitMs = LIMIT_MS,
): Promise<T> {
  try {
    return await temporal.withDeadline(Date.now() + limitMs, call);
  } catch (error) {
    throw troubleOf(error, placeOf(temporal), limitMs) ?? error;
  }
}

/** Answers of the server, such as a workflow that is not there, are none. */
function troubleOf(error: unknown, place: string, limitMs: number) {
  const cause = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) return null;
  const isLate = cause.code === DEADLINE_EXCEEDED;
  const reason = isLate ? `no answer within ${limitMs / 1000} s` : cause.details || cause.message;
  return PASSING.has(cause.code)
    ? unavailable(
        `Temporal${place} cannot be reached (${reason}): start it, or set TEMPORAL_ADDRESS to one that runs.`,
      )
    : unavailable(`Temporal${place} refused the request: ${reason}`);
}

const placeOf = ({ connection }: Client): string =>
  connection instanceof Connection ? ` at ${connection.options.address}` : '';
