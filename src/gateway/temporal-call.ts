import { type Client, Connection } from '@temporalio/client';
import { grpcErrorOf, LATE, PASSING } from '../grpc-trouble.js';
import { unavailable } from './errors.js';

/** So long may Temporal take for a call. */
export const LIMIT_MS = 5_000;
/** Also gRPC's FAILED_PRECONDITION: no worker has been seen for some time. */
const WITHOUT_WORKER = new Set([...LATE, 9]);

type GrpcError = NonNullable<ReturnType<typeof grpcErrorOf>>;

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

/** As `askTemporal`, of a Temporal that has just answered: what is late then, or refused, is for want of a worker. */
export async function askWorker<T>(temporal: Client, query: () => Promise<T>): Promise<T> {
  try {
    return await temporal.withDeadline(Date.now() + LIMIT_MS, query);
  } catch (error) {
    const cause = grpcErrorOf(error);
    if (cause && WITHOUT_WORKER.has(cause.code))
      throw unavailable(
        `No worker answers (${reasonOf(cause, LIMIT_MS)}): start one, or see what keeps it busy.`,
      );
    throw troubleOf(error, placeOf(temporal), LIMIT_MS) ?? error;
  }
}

/** Answers of the server, such as a workflow that is not there, are none. */
function troubleOf(error: unknown, place: string, limitMs: number) {
  const cause = grpcErrorOf(error);
  if (cause === null) return null;
  const reason = reasonOf(cause, limitMs);
  return PASSING.has(cause.code)
    ? unavailable(
        `Temporal${place} cannot be reached (${reason}): start it, or set TEMPORAL_ADDRESS to one that runs.`,
      )
    : unavailable(`Temporal${place} refused the request: ${reason}`);
}

const reasonOf = ({ code, details, message }: GrpcError, limitMs: number): string =>
  LATE.has(code) ? `no answer within ${limitMs / 1000} s` : details || message;

const placeOf = ({ connection }: Client): string =>
  connection instanceof Connection ? ` at ${connection.options.address}` : '';
