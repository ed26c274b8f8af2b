import type { RequestHandler } from 'express';
import { requestedId } from '../run-id.js';
import { requestedSchedule } from '../schedule-request.js';
import { createSchedule } from '../schedules.js';
import type { GatewayContext } from '../services.js';

/** `POST /api/schedules`: repeats a job by the clock, each time or when there are enough new records. */
export const postSchedule =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const asked = requestedSchedule(context.config, request);
    const id = requestedId(request, asked.clientId);
    await createSchedule(context, id, asked);
    response.json({ id, message: 'Schedule created' });
  };
