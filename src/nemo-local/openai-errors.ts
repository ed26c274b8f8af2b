import { z } from 'zod';
import { HttpError } from './http-error.js';
import { parsedJson } from './openai-json.js';

/** What an OpenAI-compatible server was asked, for messages. */
export interface Asked {
  url: string;
  /** The model as that server calls it. */
  model: string;
}

/** Its refusal as ours: the same status, since it says whether to try again, and in its words. */
export function refusal(
  asked: Asked,
  status: number,
  retryAfter: string | string[] | undefined,
  text: string,
): HttpError {
  const headers = typeof retryAfter === 'string' ? { 'retry-after': retryAfter } : {};
  const message = `${place(asked)} answered ${status}: ${wordsOf(text)}`;
  // What is neither success nor error, such as a redirection, is no answer to our caller's request.
  return new HttpError(status >= 400 ? status : 502, `${message}.${adviceFor(status)}`, headers);
}

/** An answer that is none: nobody there, a time-out, a connection that broke. */
export function noAnswer(asked: Asked, error: unknown): HttpError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = (error instanceof Error && error.message) || code || String(error);
  if (/^UND_ERR_(HEADERS|BODY|CONNECT)_TIMEOUT$/.test(code))
    return new HttpError(504, `${place(asked)} did not answer in time: ${reason}`);
  return new HttpError(502, `${place(asked)} gave no answer: ${reason}. Is the server running there?`);
}

/** A success that holds no completion. */
export const noCompletion = (asked: Asked): HttpError =>
  new HttpError(
    502,
    `${place(asked)} answered 200, but not with a completion. Is it an OpenAI-compatible server?`,
  );

const place = ({ url, model }: Asked) =>
  `the OpenAI-compatible server behind this model, POST ${url} (its model ${model}),`;

const adviceFor = (status: number): string => {
  if (status === 401 || status === 403)
    return ' Set OPENAI_API_KEY to a key that it takes, and start nemo-local again.';
  if (status === 404) return ' Check the name of the model (--openai-model) and the address (--openai-url).';
  return '';
};

/** Errors as OpenAI, FastAPI and Ollama write them. */
const Refusal = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ detail: z.string() }).transform(({ detail }) => detail),
  z.object({ message: z.string() }).transform(({ message }) => message),
]);

function wordsOf(text: string): string {
  const words = Refusal.safeParse(parsedJson(text)).data ?? text;
  const line = words.replace(/\s+/g, ' ').trim().slice(0, 500);
  return line.replace(/\.$/, '') || 'no reason given';
}
