import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobDetail } from '../gateway/wire.js';
import { parseRetryAfter } from '../retry-after.js';
import type { AppendResult } from '../stores/log-store.js';
import { asSentence, describe, Problem, WRONG_USE } from './problem.js';

/** Where it is said that the gateway asks to wait, and what ends such a wait. */
export interface Waiting {
  say(line: string): void;
  signal?: AbortSignal | undefined;
}

interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: string;
  headers?: Record<string, string>;
}

/** More than a minute, in which a limit of requests is counted anew. */
const PATIENCE_MS = 300_000;
const SHORTEST_PAUSE_MS = 1_000;

/** The gateway as a program of a user's calls it; nothing that it asks does harm when it is asked again. */
export class JobClient {
  readonly url: string;
  readonly #headers: Record<string, string>;

  /** Where the gateway asks for a key it is that of `FLYWHEEL_API_KEY`. */
  constructor(url: string, env: NodeJS.ProcessEnv = process.env) {
    this.url = url.replace(/\/+$/, '');
    const key = env['FLYWHEEL_API_KEY'];
    this.#headers = key ? { authorization: `Bearer ${key}` } : {};
  }

  async start(workloadId: string, clientId: string, waiting: Waiting): Promise<string> {
    const body = JSON.stringify({ workload_id: workloadId, client_id: clientId });
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const started = await this.call({ method: 'POST', path: '/api/jobs', body, headers }, waiting);
    return (started as { id: string }).id;
  }

  async read(id: string, waiting: Waiting): Promise<JobDetail> {
    return (await this.call({ method: 'GET', path: `/api/jobs/${id}` }, waiting)) as JobDetail;
  }

  async cancel(id: string, waiting: Waiting): Promise<void> {
    await this.call({ method: 'POST', path: `/api/jobs/${id}/cancel` }, waiting);
  }

  /** Appends records given as lines of JSON. */
  async appendLogs(lines: string, waiting: Waiting): Promise<AppendResult> {
    const headers = { 'content-type': 'application/x-ndjson' };
    const call: Call = { method: 'POST', path: '/api/logs', body: lines, headers };
    return (await this.call(call, waiting)) as AppendResult;
  }

  /** A gateway that asks for it (`Retry-After`) is asked again, for as long as patience lasts. */
  private async call(call: Call, waiting: Waiting): Promise<unknown> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    let said = '';
    for (;;) {
      const response = await this.send(call);
      const text = await response.text();
      if (response.ok) return JSON.parse(text);
      const refusal = this.refusal(call, response.status, text);
      const pauseMs = pauseAskedBy(response);
      if (pauseMs === null || Date.now() + pauseMs > giveUpAt) throw refusal;
      if (said !== refusal.message)
        waiting.say(`${asSentence(refusal.message)} Asking again in ${Math.ceil(pauseMs / 1_000)} s …`);
      said = refusal.message;
      await pause(pauseMs, waiting.signal);
    }
  }

  private refusal({ method, path }: Call, status: number, text: string): Problem {
    const wrongUse = status >= 400 && status < 500 && status !== 429;
    const cure = status === 401 ? ' Put it into FLYWHEEL_API_KEY.' : '';
    return new Problem(
      `${method} ${this.url}${path}: ${status}: ${detailOf(text)}${cure}`,
      wrongUse ? WRONG_USE : 1,
    );
  }

  private async send({ method, path, body, headers }: Call): Promise<Response> {
    try {
      return await fetch(this.url + path, {
        method,
        headers: { ...this.#headers, ...headers },
        ...(body !== undefined && { body }),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new Problem(
        `No gateway answers at ${this.url} (${describe(cause)}). Start one with \`npm start\`, or name another with --url.`,
      );
    }
  }
}

function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' ? detail : JSON.stringify(detail);
  } catch {
    return text.slice(0, 300);
  }
}

/** Rejects with the reason of `signal` once that is aborted. */
const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());

function pauseAskedBy({ status, headers }: Response): number | null {
  if (status !== 429 && status !== 503) return null;
  const pauseMs = parseRetryAfter(headers.get('retry-after'));
  return pauseMs === null ? null : Math.max(pauseMs, SHORTEST_PAUSE_MS);
}
