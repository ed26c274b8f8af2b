import { setTimeout as sleep } from 'node:timers/promises';
import { Client, errors } from '@elastic/elasticsearch';
import { StoreError } from '../store-error.js';

const REQUEST_TIMEOUT_MS = 60_000;
/** For small questions, at whose answers somebody waits: a server that hangs is as good as one that is not there. */
export const SOON = { requestTimeout: 5_000, maxRetries: 1 };
/** An index that was made a moment ago, or has just moved, has no shard that answers: under five seconds in all. */
const UNAVAILABLE_ATTEMPTS = 10;
const UNAVAILABLE_WAIT_MS = 100;
const PASSING_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);
/** A restarted node has forgotten the points in time of its readers; they begin again. */
const PASSING_TYPE = 'search_context_missing_exception';

/** Elasticsearch at one address; what fails there is a StoreError that says where, why and what to do. */
export class ElasticsearchConnection {
  readonly #client: Client;
  readonly #address: string;

  constructor(url: string) {
    this.#address = withoutCredentials(url);
    this.#client = new Client({ node: url, requestTimeout: REQUEST_TIMEOUT_MS });
  }

  async call<T>(request: (client: Client) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await request(this.#client);
      } catch (error) {
        signal?.throwIfAborted();
        if (attempt === UNAVAILABLE_ATTEMPTS || !isUnavailable(error)) throw this.#failure(error);
        await sleep(attempt * UNAVAILABLE_WAIT_MS);
      }
    }
  }

  /** Resolves when every primary shard of the index answers. */
  async awaitYellow(index: string): Promise<void> {
    await this.call((client) => client.cluster.health({ index, wait_for_status: 'yellow', timeout: '10s' }));
  }

  /** Makes the index unless it is there. */
  async ensureIndex(index: string, body: { settings?: object; mappings: object }): Promise<void> {
    if (await this.call((client) => client.indices.exists({ index }, SOON))) return;
    const { settings, mappings } = body;
    const created = await this.call((client) =>
      client.indices.create(
        { index, mappings, settings: { auto_expand_replicas: '0-1', ...settings } },
        // Another process makes the same index at the same moment.
        { ignore: [400], meta: true },
      ),
    );
    if (created.statusCode === 400 && !JSON.stringify(created.body).includes('resource_already_exists')) {
      throw this.#refusal(`PUT /${index}`, 400, created.body);
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #failure(error: unknown): unknown {
    if (error instanceof errors.RequestAbortedError || error instanceof StoreError) return error;
    if (error instanceof errors.ResponseError) {
      const { method, path } = error.meta.meta.request.params;
      return this.#refusal(`${method} ${path}`, error.statusCode ?? 0, error.body);
    }
    if (!(error instanceof errors.ElasticsearchClientError)) return error;
    return new StoreError(
      `Elasticsearch at ${this.#address} cannot be reached (${withoutPorts(error.message)}). ` +
        'Check that it runs and that ELASTICSEARCH_URL is its address.',
      { retryable: true, cause: error },
    );
  }

  #refusal(request: string, status: number, body: unknown): StoreError {
    const denied = status === 401 || status === 403;
    const advice = denied
      ? ' Check the user and password in ELASTICSEARCH_URL and what that user may do.'
      : '';
    const reason = reasonOf(body);
    return new StoreError(
      `Elasticsearch at ${this.#address} refused ${request} with status ${status}: ${reason}.${advice}`,
      { retryable: PASSING_STATUS.has(status) || reason.includes(PASSING_TYPE) },
    );
  }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof errors.ResponseError &&
  (error.statusCode === 503 || reasonOf(error.body).includes('illegal_index_shard_state_exception'));

/** `type: reason` of an error body, the innermost first, as the outer ones say little. */
export function reasonOf(body: unknown): string {
  const text = JSON.stringify(body) ?? '';
  const found = [...text.matchAll(/"type":"([^"]+)","reason":("(?:[^"\\]|\\.)*")/g)];
  const words = found.map(([, type, reason]) => `${type}: ${String(JSON.parse(reason ?? '""'))}`);
  return ([...new Set(words)].reverse().slice(0, 2).join('; ') || text).slice(0, 600);
}

/** Elasticsearch's client names its own port of the connection, another one each time. */
const withoutPorts = (message: string): string => message.replace(/ - Local: .*/, '');

function withoutCredentials(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
  } catch {
    throw new StoreError('ELASTICSEARCH_URL is no URL; it looks like http://elasticsearch:9200', {
      retryable: false,
    });
  }
}
