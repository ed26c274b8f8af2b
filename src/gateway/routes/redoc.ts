import { operation } from '../operation.js';

/** `GET /redoc`: the blueprint's second page of its API; here there is one. */
export const redoc = operation(
  {
    id: 'redoc',
    tag: 'operation',
    isOpen: true,
    summary: 'Leads to `/docs`',
    answers: { 307: { description: 'It is there', content: {}, headers: { Location: '`/docs`' } } },
  },
  () => (_request, response) => {
    response.status(307).location('/docs').end();
  },
);
