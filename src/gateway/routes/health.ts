import { z } from 'zod';
import { stoppingError } from '../errors.js';
import { json, operation, passing } from '../operation.js';

/** `GET /health`: the process is up, and has not been told to stop; asks nobody else. */
export const health = operation(
  {
    id: 'health',
    tag: 'operation',
    isOpen: true,
    summary: 'The process is up and goes on; asks nobody else',
    answers: {
      200: json('It is up', z.object({ status: z.literal('ok') })),
      503: passing('It has been told to stop'),
    },
  },
  ({ stopping }) =>
    (_request, response) => {
      if (stopping.aborted) throw stoppingError();
      response.json({ status: 'ok' });
    },
);
