import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { hearEarlyAnswers } from './early-answers.js';
import { passedRequestHeaders } from './headers.js';

/**
 * Shorter than servers keep a connection that nobody uses (gunicorn 2 s, most 5 s and more): one that is just being closed must
 * not be used. Where a server says a shorter time (`Keep-Alive: timeout=…`), Node keeps to that, less a second.
 */
export const IDLE_MS = 1_500;

/** The OpenAI-compatible API behind the proxy. */
export class Upstream {
  readonly url: string;
  readonly #path: string;
  readonly #to: { hostname: string; port: string; agent: http.Agent };
  readonly #host: string;
  readonly #request: typeof http.request;

  /** `url` is what a library of OpenAI takes as its base URL; a host alone stands for its `/v1`. */
  constructor(url: string) {
    const base = new URL(url);
    if (base.pathname === '/') base.pathname = '/v1';
    this.url = base.href.replace(/\/+$/, '');
    this.#path = base.pathname.replace(/\/+$/, '');
    this.#host = base.host;
    const isTls = base.protocol === 'https:';
    const options = { keepAlive: true, timeout: IDLE_MS };
    const agent = isTls ? new https.Agent(options) : new http.Agent(options);
    hearEarlyAnswers(agent);
    this.#to = { hostname: base.hostname.replace(/^\[(.*)\]$/, '$1'), port: base.port, agent };
    this.#request = isTls ? https.request : http.request;
  }

  /** Begins the same request there; `path` is what follows `/v1`, with its query. */
  begin({ method, rawHeaders }: IncomingMessage, path: string): ClientRequest {
    const headers = ['Host', this.#host, ...passedRequestHeaders(rawHeaders)];
    return this.#request({ ...this.#to, method, path: this.#path + path, headers });
  }

  close(): void {
    this.#to.agent.destroy();
  }
}
