import { z } from 'zod';
import { bodyOf, contentTypeOf } from '../json-body.js';
import { readLogItems } from '../log-body.js';
import { AWAY, json, operation } from '../operation.js';
import { count } from '../wire-words.js';

/** One logged request and answer of production; `readIncoming` reads it, and keeps further keys. */
const logRecord = z
  .looseObject({
    workload_id: z.string().min(1).max(256),
    client_id: z.string().min(1).max(256),
    timestamp: z.union([z.number(), z.string()]).describe('epoch seconds or milliseconds, or ISO 8601'),
    request: z.unknown().describe('of a chat completion'),
    response: z.unknown().describe('of a chat completion'),
  })
  .meta({ id: 'LogRecord' });

const appended = z.object({
  appended: count,
  duplicates: count.describe('sent before with the same content; they add nothing'),
  errors: z.array(z.object({ index: count, reason: z.string() })),
});

/** `POST /api/logs`: keeps the log records that can be kept and says why the others cannot. */
export const postLogs = operation(
  {
    id: 'postLogs',
    tag: 'logs and datasets',
    summary: 'Keeps log records',
    description: 'Each is kept or refused on its own; what is kept is on disk when the answer comes.',
    body: {
      limit: '64mb',
      content: {
        'application/json': z.union([logRecord, z.array(logRecord)]),
        'application/x-ndjson': z.string().describe('one record a line'),
      },
    },
    answers: { 200: json('What was kept, and what was not', appended), ...AWAY },
  },
  ({ logs }) =>
    async (request, response) => {
      const { items, errors } = readLogItems(bodyOf(request), contentTypeOf(request));
      const result = await logs.append(items.map(({ value }) => value));
      const refused = result.errors.map(({ index, reason }) => ({
        index: items[index]?.index ?? index,
        reason,
      }));
      response.json({
        appended: result.appended,
        duplicates: result.duplicates,
        errors: [...errors, ...refused].sort((a, b) => a.index - b.index),
      });
    },
);
