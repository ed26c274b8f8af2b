import { z } from 'zod';
import { json, operation } from '../operation.js';

/** `GET /health`: the process is up; asks nobody else. */
export const health = operation(
  {
    id: 'health',
    tag: 'operation',
    summary: 'The process is up; asks nobody else',
    answers: { 200: json('It is', z.object({ status: z.literal('ok') })) },
  },
  () => (_request, response) => {
    response.json({ status: 'ok' });
  },
);
