import type { RequestHandler } from 'express';
import { scheduleIdOf } from '../run-id.js';
import { askSchedule, describeSchedule } from '../schedules.js';
import type { GatewayContext } from '../services.js';

/** `DELETE /api/schedules/{id}`: a job that it has started goes on. */
export const deleteSchedule =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const id = scheduleIdOf(request);
    await describeSchedule(context, id);
    await askSchedule(context.temporal, id, (handle) => handle.delete());
    response.json({ id, message: 'Schedule deleted. A job that it has started goes on.' });
  };
