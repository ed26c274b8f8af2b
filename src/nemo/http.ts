import { request } from 'undici';
import { z } from 'zod';
import { LONGEST_CREATION_MS } from '../gpu-pool.js';
import { masked } from '../masked.js';
import { messageOf } from '../message-of.js';
import { nemoCalls } from '../metrics.js';
import { parseRetryAfter } from '../retry-after.js';
import { ServiceError } from './service-error.js';

/** For the head of an answer, and between two parts of its body. */
export const TIMEOUT_MS = 60_000;
const SHOWN_BODY = 300;
/** FastAPI's; its `input` is left out, being what was sent: a judge's key among it. */
const validationIssues = z.array(
  z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() }),
);

export interface CallOptions {
  query?: Record<string, string | number> | undefined;
  /** Sent as a form when it is URLSearchParams, else as JSON. */
  body?: unknown;
  /** Sent as `authorization: Bearer`; it is cut out of what comes back, as some services repeat it. */
  bearer?: string | null;
  signal?: AbortSignal | undefined;
  /**
   * The call has something made: once it is sent, `signal` does not break it off, only a time of its own. The service
   * would go on, and nobody would know of what it makes.
   */
  creates?: boolean;
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

interface HttpOptions {
  longestCreationMs?: number;
  secrets?: readonly string[];
}

/** Calls one service of the platform over keep-alive connections. */
export class Http {
  readonly service: string;
  readonly baseUrl: string;
  private readonly longestCreationMs: number;
  private readonly secrets: readonly string[];

  /** `secrets`: what no error may show, though the service repeats what was sent to it, or to others by it. */
  constructor(
    service: string,
    baseUrl: string,
    { longestCreationMs = LONGEST_CREATION_MS, secrets = [] }: HttpOptions = {},
  ) {
    this.service = service;
    this.longestCreationMs = longestCreationMs;
    this.secrets = secrets;
    this.baseUrl = baseUrl.replace(/\/+$/, '');
  }

  /** Resolves with the parsed answer; any status but 2xx is a ServiceError. */
  async json<T>(method: Method, path: string, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> {
    const answer = await this.send(method, path, options);
    // A thing that is to be made would else be tried for ever where the URL is wrong.
    if (method === 'GET') this.requireOwn(answer);
    if (answer.status >= 300) throw this.failure(answer);
    const parsed = schema.safeParse(answer.json);
    if (parsed.success) return parsed.data;
    if (answer.json === undefined) throw this.failure(answer, `the answer is not JSON: ${this.said(answer)}`);
    const issue = parsed.error.issues[0];
    throw this.misfit(answer.summary, `the answer lacks ${issue?.path.join('.')}: ${issue?.message}`);
  }

  /** Like `json`, with null for the platform's 404. */
  async find<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T | null> {
    try {
      return await this.json('GET', path, schema, { signal });
    } catch (error) {
      if (error instanceof ServiceError && error.status === 404) return null;
      throw error;
    }
  }

  /** Succeeds on 2xx and on each status named, if it is the platform's; returns the answer. */
  async expect(method: Method, path: string, accepted: number[], options: CallOptions = {}): Promise<Answer> {
    const answer = await this.send(method, path, options);
    if (method === 'GET' || accepted.includes(answer.status)) this.requireOwn(answer);
    if (answer.status < 300 || accepted.includes(answer.status)) return answer;
    throw this.failure(answer);
  }

  /**
   * A 404 of the platform has a JSON object. Any other is of what stands before it, as while it is upgraded: nothing is
   * known then of what was asked for, which may run on.
   */
  private requireOwn(answer: Answer): void {
    const { status, json, summary, retryAfterMs } = answer;
    if (status !== 404 || isObject(json)) return;
    throw new ServiceError(
      `${summary}: that is no answer of ${this.service}: a proxy has no way to it, or its URL is wrong: ${this.said(answer)}`,
      { service: this.service, status: null, retryAfterMs },
    );
  }

  /** Sends and reads; only the lack of an answer is an error here. */
  async send(method: Method, path: string, options: CallOptions = {}): Promise<Answer> {
    const { query, body, bearer, signal, creates = false } = options;
    signal?.throwIfAborted();
    const url = new URL(this.baseUrl + path);
    for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, String(value));
    const stop = nemoCalls.startTimer({ service: this.service, method });
    try {
      const response = await request(url, {
        method,
        signal: creates ? AbortSignal.timeout(this.longestCreationMs) : (signal ?? null),
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
        ...encoded(body, bearer),
      });
      const bytes = await response.body.bytes();
      const text = masked(new TextDecoder().decode(bytes), bearer ? [bearer] : []);
      const summary = `${method} ${url}: ${response.statusCode}`;
      const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
      stop({ outcome: String(response.statusCode) });
      return { status: response.statusCode, json: parseJson(text), text, bytes, summary, retryAfterMs };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      stop({ outcome: 'unreachable' });
      const reason = messageOf(cause);
      throw new ServiceError(
        `${method} ${url}: no answer (${reason}); is ${this.service} up and its URL right?`,
        { service: this.service, status: null, cause },
      );
    }
  }

  failure(answer: Answer, reason = this.said(answer)): ServiceError {
    const { status, summary, retryAfterMs } = answer;
    return new ServiceError(`${summary}: ${reason}`, { service: this.service, status, retryAfterMs });
  }

  private said({ json, text }: Answer): string {
    // Of the text before it is cut: a part of a secret would be left.
    return masked(said({ json, text: masked(text, this.secrets) }), this.secrets);
  }

  /** For a good answer that does not hold what it should; `summary` as in `Answer`. */
  misfit(summary: string, reason: string): ServiceError {
    return new ServiceError(`${summary}: ${reason}`, { service: this.service, status: 200, misfit: true });
  }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

function encoded(body: unknown, bearer: string | null | undefined) {
  const common = { accept: '*/*', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) };
  if (body === undefined) return { headers: common, body: null };
  const form = body instanceof URLSearchParams;
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  return {
    headers: { ...common, 'content-type': type },
    body: form ? body.toString() : JSON.stringify(body),
  };
}

const isObject = (json: unknown): json is object =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the service said: FastAPI's `detail`, else the beginning of the body. */
function said({ json, text }: Pick<Answer, 'json' | 'text'>): string {
  const detail = isObject(json) && 'detail' in json ? json.detail : undefined;
  if (typeof detail === 'string') return detail;
  const issues = validationIssues.safeParse(detail);
  if (issues.success) return issues.data.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
  const shown = text.trim().slice(0, SHOWN_BODY);
  return shown.startsWith('<') ? `HTML instead of JSON; does a proxy stand before it? ${shown}` : shown;
}
