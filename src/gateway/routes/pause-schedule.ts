import type { RequestHandler } from 'express';
import { scheduleIdOf } from '../run-id.js';
import { askSchedule, describeSchedule } from '../schedules.js';
import type { GatewayContext } from '../services.js';

/** `POST /api/schedules/{id}/pause`: it starts nothing by itself any more; again is harmless. */
export const pauseSchedule =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const id = scheduleIdOf(request);
    await describeSchedule(context, id);
    await askSchedule(context.temporal, id, (handle) => handle.pause('paused by the API'));
    response.json({ id, message: 'Schedule paused. A job that it has started goes on.' });
  };

/** `POST /api/schedules/{id}/unpause`: what was due meanwhile is not made up for. */
export const unpauseSchedule =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const id = scheduleIdOf(request);
    await describeSchedule(context, id);
    await askSchedule(context.temporal, id, (handle) => handle.unpause('unpaused by the API'));
    response.json({ id, message: 'Schedule unpaused.' });
  };
