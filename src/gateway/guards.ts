import type { Request, RequestHandler } from 'express';
import { isRunId } from '../ids.js';
import { callerOf, maySee } from './caller.js';
import { HttpError } from './errors.js';
import { noSuchJob } from './run-id.js';
import { describeSchedule, noSuchSchedule } from './schedules.js';
import type { GatewayContext } from './services.js';

// What is another client's is to a key as if it were not there.

/** Stands before everything of one job. */
export const guardJob =
  ({ reader }: GatewayContext): RequestHandler =>
  async (request, _response, next) => {
    const id = guardedId(request);
    // Whose a run is never changes.
    const run = id === null ? null : (reader.lastSeen(id) ?? (await reader.read(id))?.run);
    if (run && !maySee(request, run.clientId))
      throw request.method === 'GET' ? new HttpError(404, 'Job not found') : noSuchJob(run.runId);
    next();
  };

/** Stands before everything of one schedule. */
export const guardSchedule =
  (context: GatewayContext): RequestHandler =>
  async (request, _response, next) => {
    const id = guardedId(request);
    if (id !== null) {
      const { memo } = await describeSchedule(context, id);
      if (!maySee(request, memo.clientId)) throw noSuchSchedule(id);
    }
    next();
  };

/** null: nothing to guard; the route says what is wrong with an id that is none. */
function guardedId(request: Request): string | null {
  const id = String(request.params['id']).toLowerCase();
  return callerOf(request).clients !== null && isRunId(id) ? id : null;
}
