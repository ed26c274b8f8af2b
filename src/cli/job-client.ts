import type { JobDetail } from '../gateway/wire.js';
import { describe, Problem, WRONG_USE } from './problem.js';

/** The gateway as a program of a user's calls it. */
export class JobClient {
  readonly url: string;
  readonly #headers: Record<string, string>;

  /** Where the gateway asks for a key it is that of `FLYWHEEL_API_KEY`. */
  constructor(url: string, env: NodeJS.ProcessEnv = process.env) {
    this.url = url.replace(/\/+$/, '');
    const key = env['FLYWHEEL_API_KEY'];
    this.#headers = key ? { authorization: `Bearer ${key}` } : {};
  }

  async start(workloadId: string, clientId: string): Promise<string> {
    const body = { workload_id: workloadId, client_id: clientId };
    const { id } = (await this.call('POST', '/api/jobs', JSON.stringify(body))) as { id: string };
    return id;
  }

  async read(id: string): Promise<JobDetail> {
    return (await this.call('GET', `/api/jobs/${id}`)) as JobDetail;
  }

  async cancel(id: string): Promise<void> {
    await this.call('POST', `/api/jobs/${id}/cancel`);
  }

  /** Appends records given as lines of JSON. */
  async appendLogs(lines: string): Promise<{ appended: number; duplicates: number; errors: AppendError[] }> {
    return (await this.call('POST', '/api/logs', lines, 'application/x-ndjson')) as {
      appended: number;
      duplicates: number;
      errors: AppendError[];
    };
  }

  private async call(
    method: string,
    path: string,
    body?: string,
    type = 'application/json',
  ): Promise<unknown> {
    const response = await this.send(method, path, body, type);
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    const wrongUse = response.status >= 400 && response.status < 500;
    const cure = response.status === 401 ? ' Put it into FLYWHEEL_API_KEY.' : '';
    throw new Problem(
      `${method} ${this.url}${path}: ${response.status}: ${detailOf(text)}${cure}`,
      wrongUse ? WRONG_USE : 1,
    );
  }

  private async send(
    method: string,
    path: string,
    body: string | undefined,
    type: string,
  ): Promise<Response> {
    const sent = body === undefined ? {} : { 'content-type': type };
    const headers = { ...this.#headers, ...sent };
    try {
      return await fetch(this.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new Problem(
        `No gateway answers at ${this.url} (${describe(cause)}). Start one with \`npm start\`, or name another with --url.`,
      );
    }
  }
}

interface AppendError {
  index: number;
  reason: string;
}

function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === 'string' ? detail : JSON.stringify(detail);
  } catch {
    return text.slice(0, 300);
  }
}
