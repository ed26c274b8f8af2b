import { vi } from 'vitest';
import { z } from 'zod';
import type { JobDetail } from '../../src/gateway/wire.js';
import { IN_TIME } from '../support/observe.js';
import { ORDERS } from '../support/order-logs.js';

const Started = z.object({ id: z.string() });
const Listed = z.object({ jobs: z.array(z.object({ id: z.string() })) });

/** A program that uses the API while parts of it come and go: whatever is not answered it asks again. */
export class PatientUser {
  private readonly url: string;
  private readonly name: string;

  constructor(url: string, name: string) {
    this.url = url;
    this.name = name;
  }

  /** Starts a run, however often that has to be asked, and returns its document when it has ended. */
  async run(turn: number): Promise<JobDetail> {
    const body = JSON.stringify({
      workload_id: ORDERS.workload,
      client_id: ORDERS.client,
      data_split_config: { eval_size: 15, random_seed: 7 },
    });
    const headers = { 'content-type': 'application/json', 'idempotency-key': `${this.name}-${turn}` };
    const { id } = Started.parse(await this.answer('/api/jobs', { method: 'POST', headers, body }));
    return await vi.waitUntil(async () => {
      const job = (await this.answer(`/api/jobs/${id}`)) as JobDetail;
      return job.finished_at !== null && job.stale_seconds === undefined && job;
    }, ONE_RUN);
  }

  /** The ids of all runs. */
  async runs(): Promise<string[]> {
    return Listed.parse(await this.answer('/api/jobs')).jobs.map(({ id }) => id);
  }

  /** The answer, if it is none of those that ask for patience: no connection, or a 503. */
  private async answer(path: string, init?: RequestInit): Promise<unknown> {
    const response = await vi.waitUntil(() => this.ask(path, init), IN_TIME);
    if (response.status !== 200) throw new Error(`${path}: ${response.status} ${response.text}`);
    return JSON.parse(response.text);
  }

  private async ask(path: string, init?: RequestInit) {
    try {
      const response = await fetch(this.url + path, init);
      const text = await response.text();
      return response.status !== 503 && { status: response.status, text };
    } catch {
      return false;
    }
  }
}

const ONE_RUN = { timeout: 600_000, interval: 500 };
