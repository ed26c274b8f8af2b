import { ApplicationFailure } from '@temporalio/common';
import { DISK_ADVICE, isDiskError } from '../src/datasets/index.js';
import { masked } from '../src/masked.js';
import { ServiceError } from '../src/nemo/service-error.js';
import { StoreError } from '../src/stores/store-error.js';

/** Statuses below 500 that pass in time: timeout, conflict, too early, too many requests. */
const PASSING = new Set([408, 409, 425, 429]);
/** The server keeps failures in memory of the workflow and cuts them at 4 KB. */
const LONGEST_MESSAGE = 500;

type AnyActivities = Record<string, (...args: never[]) => Promise<unknown>>;

/**
 * Makes every activity fail with what the workflow can decide on: the one place where errors are classified. What it says
 * goes into histories, records, logs and documents of jobs, without the secrets that a service may repeat.
 */
export function classifyFailures<T extends object>(secrets: readonly string[], activities: T): T {
  const wrapped = Object.entries(activities as AnyActivities).map(([name, activity]) => [
    name,
    async (...args: never[]) => {
      try {
        return await activity(...args);
      } catch (error) {
        throw presentable(toFailure(error), secrets);
      }
    },
  ]);
  // Same names, same signatures: only the errors differ.
  return Object.fromEntries(wrapped) as T;
}

/** Without secrets, and only then cut: a part of one would be left. */
function presentable(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  const { message, stack = '' } = error;
  const shown = cut(masked(message, secrets));
  // Some of Node's own cannot be changed; they are short, and repeat nobody.
  if (shown !== message) Object.assign(error, { message: shown, stack: stack.replace(message, () => shown) });
  presentable(error.cause, secrets);
  return error;
}

const cut = (message: string): string =>
  message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;

/** A service's or a store's error as an ApplicationFailure; everything else is left as it is. */
function toFailure(error: unknown): unknown {
  if (error instanceof ServiceError) {
    const { status, service, retryAfterMs } = error;
    const type = `${service}.${status ?? 'unreachable'}`;
    return failure(type, error.message, isFinal(error), retryAfterMs);
  }
  if (isDiskError(error)) return failure('disk', `${error.message}: ${DISK_ADVICE}`, true, null);
  if (error instanceof StoreError) return failure('store', error.message, !error.retryable, null);
  return error;
}

/** Whether the same call would fail again, however often. */
export const isFinal = ({ status, misfit }: ServiceError): boolean =>
  misfit || (status !== null && status >= 400 && status < 500 && !PASSING.has(status));

/** Whether nobody is there to answer, or only for now. */
export const isOutage = ({ status, misfit }: ServiceError): boolean =>
  !misfit && (status === null || [429, 502, 503, 504].includes(status));

/** A failure that no further attempt can mend. */
export const finalFailure = (type: string, message: string): ApplicationFailure =>
  failure(type, message, true, null);

function failure(type: string, message: string, nonRetryable: boolean, retryAfterMs: number | null) {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable,
    // A delay of 0 would mean to the server that there is no next attempt.
    ...(retryAfterMs === null || retryAfterMs <= 0 ? {} : { nextRetryDelay: retryAfterMs }),
  });
}
