import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { GatewayContext } from './services.js';
import { hexId } from './wire-words.js';

/** What an answer of one status is: its body by media type. */
export interface Answer {
  description: string;
  content: Record<string, z.ZodType>;
  /** What its headers say, by name. */
  headers?: Record<string, string>;
}

interface RequestBody {
  /** Of its bytes: it is read into memory, a larger one is a 413. Without, the handler reads it itself. */
  limit?: number;
  /** By media type; the schemas are those that the handler validates with. */
  content: Record<string, z.ZodType>;
}

/** A method of a path: what it takes and answers, as `/openapi.json` says it, and the handler that does it. */
export interface Operation {
  id: string;
  tag: 'jobs' | 'logs and datasets' | 'schedules' | 'operation';
  summary: string;
  description?: string;
  query?: z.ZodObject;
  /** Headers that it reads, by name, and what they are for. */
  headers?: Record<string, string>;
  body?: RequestBody;
  /** By status. Those that any operation, or any with a body, may have are added. */
  answers: Record<number, Answer>;
  /** Neither key nor limit of requests stands before it; `isOpen` of `caller.ts` says so of its path. */
  isOpen?: true;
  handle: (context: GatewayContext) => RequestHandler;
}

/** An operation described next to its handler. */
export const operation = (described: Omit<Operation, 'handle'>, handle: Operation['handle']): Operation => {
  const { answers, body, query, isOpen } = described;
  const refused = isOpen ? {} : REFUSED;
  const read = { ...(body && UNREADABLE), ...((body ?? query) && UNFIT) };
  return { ...described, answers: { ...ANY, ...refused, ...read, ...answers }, handle };
};

export const json = (description: string, schema: z.ZodType): Answer => ({
  description,
  content: { 'application/json': schema },
});

const problemBody = z.object({ detail: z.string() }).meta({
  id: 'Problem',
  description: 'What happened, and what to do',
});

export const problem = (description: string): Answer => json(description, problemBody);

/** An answer after which the same request may succeed. */
export const retryable = (answer: Answer): Answer => ({
  ...answer,
  headers: { 'Retry-After': 'seconds after which to ask again' },
});

export const passing = (description: string): Answer => retryable(problem(description));

/** Of what asks Temporal or a store. */
export const AWAY = { 503: passing('Temporal or a store does not answer') };

/** Of the body of a job: what is sent with one is not even 1 KB. */
export const JOB_BYTES = 1_048_576;

export const IDEMPOTENCY = {
  'Idempotency-Key': 'The same request under the same key is done once; another one is a 409.',
};

/** `id` and what was done, in a sentence. */
export const done = z.object({ id: hexId, message: z.string() }).meta({ id: 'Done' });

/** Of a 422. */
export const invalidDetails = z.array(
  z.object({
    type: z.string(),
    loc: z.array(z.union([z.string(), z.int()])),
    msg: z.string(),
    input: z.unknown(),
    ctx: z.record(z.string(), z.unknown()).exactOptional(),
  }),
);

const invalidRequest = z
  .object({ detail: invalidDetails })
  .meta({ id: 'InvalidRequest', description: 'Everything that does not fit, in the order of the fields' });

/** What any request may be answered. */
const ANY: Record<number, Answer> = {
  400: problem('The request cannot be read, or cannot be meant'),
  500: {
    description: 'The program is at fault',
    content: { 'text/plain': z.literal('Internal Server Error'), 'application/json': problemBody },
  },
};

/** What any may be answered for the sake of who sends it. */
const REFUSED: Record<number, Answer> = {
  401: {
    ...problem('Keys are configured, and the request has none that is known'),
    headers: { 'WWW-Authenticate': 'how to send a key' },
  },
  429: passing('More requests than one caller may send in a minute'),
};

const UNREADABLE: Record<number, Answer> = {
  413: problem('The body is too large'),
  415: problem('The body is of a kind that cannot be read'),
};

const UNFIT: Record<number, Answer> = { 422: json('The body or the query does not fit', invalidRequest) };
