import { randomBytes } from 'node:crypto';
import type { Request } from 'express';
import { isRunId, shortHash } from '../ids.js';
import { addLogFields } from '../logger.js';
import type { RunRecord } from '../run-record.js';
import type { RunStore } from '../stores/run-store.js';
import { HttpError } from './errors.js';

/** The id in a route's path, in lower case; a 400 if it is none. */
export function runIdOf(request: Request): string {
  const runId = idOf(request, 'Invalid job_id format');
  addLogFields({ runId });
  return runId;
}

/** Ids of schedules have the form of jobs'. */
export const scheduleIdOf = (request: Request): string => idOf(request, 'Invalid schedule id format');

function idOf(request: Request, complaint: string): string {
  const id = String(request.params['id']).toLowerCase();
  if (!isRunId(id)) throw new HttpError(400, complaint);
  return id;
}

/** The record of the run in a route's path; a 404 with the blueprint's words if there is none. */
export async function recordOf(runs: RunStore, runId: string): Promise<RunRecord> {
  const record = await runs.get(runId);
  if (record === null) throw noSuchJob(runId);
  return record;
}

export const noSuchJob = (runId: string): HttpError => new HttpError(404, `Job with ID ${runId} not found`);

/** A fresh id in the form of a MongoDB ObjectId: seconds of the clock, then 16 random digits. */
const freshRunId = (): string =>
  Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, '0') + randomBytes(8).toString('hex');

/** The id that a client's Idempotency-Key stands for: the same for the same key. */
export const keyedRunId = (clientId: string, key: string): string =>
  shortHash(JSON.stringify([clientId, key]), 24);

/** Of what a request is to create: that of its Idempotency-Key, or a fresh one. */
export function requestedId(request: Request, clientId: string): string {
  const key = request.get('Idempotency-Key');
  return key ? keyedRunId(clientId, key) : freshRunId();
}
