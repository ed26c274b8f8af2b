import { z } from 'zod';
import { docsPage } from '../openapi/page.js';
import { operation } from '../operation.js';

/** `GET /docs`: the OpenAPI document as a page for people. */
export const docs = operation(
  {
    id: 'docs',
    tag: 'operation',
    isOpen: true,
    summary: 'This API as a page for people',
    answers: { 200: { description: 'A page', content: { 'text/html': z.string() } } },
  },
  (context) => {
    const page = docsPage(context.openApi);
    return (_request, response) => {
      response.type('html').send(page);
    };
  },
);
