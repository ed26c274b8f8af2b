import type { Request, RequestHandler } from 'express';
import { z } from 'zod';
import { END_MILLISECONDS } from '../../records/timestamp.js';
import { type AppendResult, CLIENT_NOT_OF_KEY, type LogStore } from '../../stores/log-store.js';
import { type Caller, callerOf } from '../caller.js';
import { toHttpError } from '../errors.js';
import { contentTypeOf } from '../json-body.js';
import { Intake } from '../log-intake/intake.js';
import { keepItems } from '../log-intake/keep-items.js';
import { readLogItems } from '../log-intake/log-items.js';
import { ownItems } from '../log-intake/own-items.js';
import { invalidDetails, json, operation, retryable } from '../operation.js';
import { count } from '../wire-words.js';

const notNull = z.union([z.looseObject({}), z.array(z.unknown()), z.string(), z.number(), z.boolean()]);

/** One logged request and answer of production, as `readIncoming` reads it; it keeps further keys. */
const logRecord = z
  .looseObject({
    workload_id: z.string().min(1).max(256),
    client_id: z.string().min(1).max(256),
    timestamp: z
      .union([z.number().min(0).lt(END_MILLISECONDS), z.string()])
      .describe('epoch seconds or milliseconds, or ISO 8601'),
    request: notNull.describe('of a chat completion'),
    response: notNull.describe('of a chat completion'),
  })
  .meta({ id: 'LogRecord' });

const kept = {
  appended: count,
  duplicates: count.describe('sent before with the same content; they add nothing'),
  errors: z.array(
    z.object({
      index: count,
      reason: z.string(),
      code: z
        .literal(CLIENT_NOT_OF_KEY)
        .optional()
        .describe('nothing is wrong with the item; this key is not good for its client'),
    }),
  ),
};

/** Where the body broke or the store failed; without counts where nothing of it was read. */
const brokenOff = z
  .object({ detail: z.union([z.string(), invalidDetails]) })
  .extend(z.object(kept).partial().shape)
  .meta({ id: 'LogsBrokenOff', description: 'What happened, and what had been kept by then' });

const broken = (description: string) => json(description, brokenOff);

/** `POST /api/logs`: keeps the log records that can be kept, as they come, and says why the others cannot. */
export const postLogs = operation(
  {
    id: 'postLogs',
    tag: 'logs and datasets',
    summary: 'Keeps log records',
    description:
      'Each is kept or refused on its own, while the body comes in; what is kept is on disk when the answer comes.',
    body: {
      content: {
        'application/json': z.union([logRecord, z.array(logRecord)]),
        'application/x-ndjson': z.string().describe('one record a line'),
      },
    },
    answers: {
      200: json('What was kept, and what was not', z.object(kept)),
      400: broken('The body cannot be read to its end'),
      413: broken('The body is too large'),
      415: broken('The body is of a kind that cannot be read'),
      422: broken('The body holds no records'),
      429: retryable(
        broken('More is coming in than can be stored at once, or others needed the room of a slow body'),
      ),
      503: retryable(broken('The store does not answer')),
    },
  },
  ({ logs }) => keepLogs(logs, callerOf),
);

/** Where the body breaks or the store fails, the answer says that, and what has been kept by then. */
export function keepLogs(
  logs: Pick<LogStore, 'append'>,
  whose: (request: Request) => Caller,
  intake = new Intake(),
): RequestHandler {
  return async (request, response) => {
    const sofar: AppendResult = { appended: 0, duplicates: 0, errors: [] };
    const answer = await intake.admit(request, async (chunks, store) => {
      try {
        const items = readLogItems(chunks, contentTypeOf(request));
        await keepItems(ownItems(whose(request), items), logs, sofar, store);
        return { status: 200, headers: {}, body: sofar };
      } catch (error) {
        const known = toHttpError(error);
        if (known === null) throw error;
        return { status: known.status, headers: known.headers, body: { detail: known.detail, ...sofar } };
      }
    });
    response.status(answer.status).set(answer.headers).json(answer.body);
  };
}
