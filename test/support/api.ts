import type { JobDetail } from '../../src/gateway/wire.js';
import { complaintOf } from './conformity.js';

/** The HTTP API as a user's program calls it; an answer that is not as the OpenAPI document says is an error. */
export class Api {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined
        ? {}
        : {
            body: typeof body === 'string' ? body : JSON.stringify(body),
            headers: { 'content-type': 'application/json', ...headers },
          }),
    });
    const text = await response.text();
    const { status, headers: sent } = response;
    const complaint = complaintOf({ method, path, status, headers: Object.fromEntries(sent), body: text });
    if (complaint !== null) throw new Error(complaint);
    return { status, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  async importRecords(records: Iterable<unknown>): Promise<void> {
    const body = [...records].map((record) => JSON.stringify(record)).join('\n');
    const response = await fetch(`${this.url}/api/logs`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    if (!response.ok) throw new Error(`POST /api/logs: ${response.status} ${await response.text()}`);
  }

  /** Starts a run, under an Idempotency-Key if one is given, and returns its id. */
  async start(
    workload_id: string,
    client_id: string,
    data_split_config?: object,
    key?: string,
  ): Promise<string> {
    const asked = { workload_id, client_id, data_split_config };
    const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
    const { status, body } = await this.call('POST', '/api/jobs', asked, headers);
    const { id } = body as { id: string };
    if (status !== 200) throw new Error(`POST /api/jobs: ${status} ${JSON.stringify(body)}`);
    return id;
  }

  async job(id: string): Promise<JobDetail> {
    const { status, body } = await this.call('GET', `/api/jobs/${id}`);
    if (status !== 200) throw new Error(`GET /api/jobs/${id}: ${status} ${JSON.stringify(body)}`);
    return body as JobDetail;
  }
}
