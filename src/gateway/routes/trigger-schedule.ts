import type { RequestHandler } from 'express';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { HttpError } from '../errors.js';
import { scheduleIdOf } from '../run-id.js';
import { askSchedule, describeSchedule } from '../schedules.js';
import type { GatewayContext } from '../services.js';

/** `POST /api/schedules/{id}/trigger`: a turn now, also of a paused schedule; a 409 while a job of it runs. */
export const triggerSchedule =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const id = scheduleIdOf(request);
    const { description } = await describeSchedule(context, id);
    if (description.info.runningActions.length > 0)
      throw new HttpError(
        409,
        'A job of this schedule is still running, and no second one is started beside it: wait for it, or cancel it.',
      );
    await askSchedule(context.temporal, id, (handle) => handle.trigger(ScheduleOverlapPolicy.SKIP));
    response.json({ id, message: 'Schedule triggered.' });
  };
