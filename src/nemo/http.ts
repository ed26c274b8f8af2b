import { request } from 'undici';
import type { z } from 'zod';
import { ServiceError } from './service-error.js';

const TIMEOUT_MS = 60_000;
const SHOWN_BODY = 300;

export interface CallOptions {
  query?: Record<string, string | number> | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  /** Parsed JSON; undefined for an empty body or one that is no JSON. */
  json: unknown;
  text: string;
  bytes: Uint8Array;
  retryAfterMs: number | null;
  /** `METHOD url: status`, with what the service said; how every error message begins. */
  summary: string;
}

/** Calls one service of the platform over keep-alive connections. */
export class Http {
  readonly service: string;
  readonly baseUrl: string;

  constructor(service: string, baseUrl: string) {
    this.service = service;
    this.baseUrl = baseUrl.replace(/\/+$/, '');
  }

  /** Resolves with the parsed answer; any status but 2xx is a ServiceError. */
  async json<T>(method: Method, path: string, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> {
    const answer = await this.send(method, path, options);
    if (answer.status >= 300) throw this.failure(answer);
    const parsed = schema.safeParse(answer.json);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const what =
      answer.json === undefined ? 'is not JSON' : `lacks ${issue?.path.join('.')}: ${issue?.message}`;
    throw this.failure(answer, `the answer ${what}`);
  }

  /** Like `json`, with null for 404. */
  async find<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T | null> {
    try {
      return await this.json('GET', path, schema, { signal });
    } catch (error) {
      if (error instanceof ServiceError && error.status === 404) return null;
      throw error;
    }
  }

  /** Succeeds on 2xx and on each status named; returns the status. */
  async expect(method: Method, path: string, accepted: number[], options: CallOptions = {}): Promise<Answer> {
    const answer = await this.send(method, path, options);
    if (answer.status < 300 || accepted.includes(answer.status)) return answer;
    throw this.failure(answer);
  }

  /** Sends and reads; only the lack of an answer is an error here. */
  async send(method: Method, path: string, { query, body, signal }: CallOptions = {}): Promise<Answer> {
    const url = new URL(this.baseUrl + path);
    for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, String(value));
    try {
      const response = await request(url, {
        method,
        signal: signal ?? null,
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        headers: {
          accept: '*/*',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      const bytes = await response.body.bytes();
      const text = new TextDecoder().decode(bytes);
      const summary = `${method} ${url}: ${response.statusCode}`;
      const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
      return { status: response.statusCode, json: parseJson(text), text, bytes, summary, retryAfterMs };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ServiceError(
        `${method} ${url}: no answer (${reason}); is ${this.service} up and its URL right?`,
        {
          service: this.service,
          status: null,
          cause,
        },
      );
    }
  }

  failure(answer: Answer, reason = said(answer)): ServiceError {
    const { status, summary, retryAfterMs } = answer;
    return new ServiceError(`${summary}: ${reason}`, { service: this.service, status, retryAfterMs });
  }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the service said: FastAPI's `detail`, else the beginning of the body. */
function said({ json, text }: Answer): string {
  const detail = typeof json === 'object' && json !== null && 'detail' in json ? json.detail : undefined;
  if (typeof detail === 'string') return detail;
  if (detail !== undefined) return JSON.stringify(detail).slice(0, SHOWN_BODY);
  const shown = text.trim().slice(0, SHOWN_BODY);
  return shown.startsWith('<') ? `HTML instead of JSON; does a proxy stand before it? ${shown}` : shown;
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3). */
function parseRetryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
