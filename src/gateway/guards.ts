import type { Request, RequestHandler } from 'express';
import { isRunId } from '../ids.js';
import type { RunRecord } from '../run-record.js';
import { callerOf, maySee } from './caller.js';
import { HttpError } from './errors.js';
import { noSuchJob } from './run-id.js';
import { describeSchedule, noSuchSchedule } from './schedules.js';
import type { GatewayContext } from './services.js';

// What is another client's is to a key as if it were not there.

/** Stands before everything of one job. What is not there ends here too: it costs as much as what is another's. */
export const guardJob =
  (context: GatewayContext): RequestHandler =>
  async (request, _response, next) => {
    const id = guardedId(request);
    if (id !== null && !(await isSeen(context, request, id)))
      throw ['GET', 'HEAD'].includes(request.method) ? new HttpError(404, 'Job not found') : noSuchJob(id);
    next();
  };

/** Asks the store alone: nothing of a run is told by how long its workflow takes to answer. */
async function isSeen({ reader, runs }: GatewayContext, request: Request, id: string): Promise<boolean> {
  const isOwn = (run: RunRecord | null = null) => run !== null && maySee(request, run.clientId);
  // Whose a run is never changes.
  if (isOwn(reader.lastSeen(id))) return true;
  try {
    return isOwn(await runs.get(id));
  } catch (error) {
    // Where the store is away the workflow of an open run still answers.
    if (isOwn((await reader.read(id))?.run)) return true;
    throw error;
  }
}

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
