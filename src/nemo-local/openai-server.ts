import { Agent, request, type Dispatcher } from 'undici';
import { HttpError } from './http-error.js';
import { noAnswer, refusal, type Asked } from './openai-errors.js';

/** A server that speaks OpenAI's API; it answers for some of our models. */
export interface OpenAiServer {
  /** Its base URL, to which `/chat/completions` is added. */
  url: string;
  /** Sends one request. Rejects with an HttpError that says whose error it is; of a success the body is still to be read. */
  post(path: string, body: OpenAiBody, signal: AbortSignal): Promise<OpenAiAnswer>;
  close(): Promise<void>;
}

/** `model` as that server calls it. */
export type OpenAiBody = { model: string } & Record<string, unknown>;

export interface OpenAiAnswer {
  asked: Asked;
  contentType: string;
  body: Dispatcher.ResponseData['body'];
}

export interface OpenAiServerOptions {
  url: string;
  /** Sent as bearer token, and shown nowhere; null sends none. */
  key: string | null;
  /** How long it may keep silent before and within an answer; ten minutes, the default, are those of OpenAI's own libraries. */
  timeoutMs?: number;
}

const CONNECT_MS = 10_000;

export function createOpenAiServer({ url, key, timeoutMs = 600_000 }: OpenAiServerOptions): OpenAiServer {
  const agent = new Agent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const base = baseUrlOf(url);
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  const withoutKey = (text: string) => (key ? text.replaceAll(key, '***') : text);
  return {
    url: base,
    close: () => agent.destroy(),
    async post(path, body, signal) {
      const asked = { url: `${base}${path}`, model: body.model };
      try {
        const options = {
          method: 'POST',
          dispatcher: agent,
          headers,
          body: JSON.stringify(body),
          signal,
        } as const;
        const answer = await request(asked.url, options);
        const { 'content-type': contentType, 'retry-after': retryAfter } = answer.headers;
        if (answer.statusCode === 200) return { asked, contentType: String(contentType), body: answer.body };
        throw refusal(asked, answer.statusCode, retryAfter, withoutKey(await answer.body.text()));
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof HttpError ? error : noAnswer(asked, error);
      }
    },
  };
}

/** A server's address alone stands for its `/v1`; any other path is taken as it is. */
function baseUrlOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return pathname === '/' ? `${origin}/v1` : `${origin}${pathname.replace(/\/+$/, '')}`;
}
