import { z } from 'zod';
import { json, operation } from '../operation.js';

/** `GET /openapi.json`: this API in the words of OpenAPI 3.1. */
export const openApi = operation(
  {
    id: 'openApi',
    tag: 'operation',
    isOpen: true,
    summary: 'This document',
    answers: { 200: json('An OpenAPI 3.1 document', z.looseObject({ openapi: z.literal('3.1.0') })) },
  },
  (context) => (_request, response) => {
    response.json(context.openApi);
  },
);
