import type { RequestHandler } from 'express';
import { HttpError } from '../errors.js';
import { toJobDetail } from '../job-document.js';
import { runIdOf } from '../run-id.js';
import type { GatewayContext } from '../services.js';

/** `GET /api/jobs/{id}`. */
export const getJob =
  ({ reader }: GatewayContext): RequestHandler =>
  async (request, response) => {
    const reading = await reader.read(runIdOf(request));
    if (reading === null) throw new HttpError(404, 'Job not found');
    const { run, staleSeconds } = reading;
    response.json({
      ...toJobDetail(run, Date.now()),
      ...(staleSeconds !== null && { stale_seconds: staleSeconds }),
    });
  };
