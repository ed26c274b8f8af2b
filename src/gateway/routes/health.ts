import type { RequestHandler } from 'express';

/** `GET /health`: the process is up; asks nobody else. */
export const health: RequestHandler = (_request, response) => {
  response.json({ status: 'ok' });
};
