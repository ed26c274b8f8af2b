import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { passedRequestHeaders } from './headers.js';

/** Shorter than servers keep a connection that nobody uses (5 s and more): one that is just being closed must not be used. */
const IDLE_MS = 4_000;

/** The OpenAI-compatible API behind the proxy. */
export class Upstream {
  readonly url: string;
  readonly #base: URL;
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  /** `url` is what a library of OpenAI takes as its base URL; a host alone stands for its `/v1`. */
  constructor(url: string) {
    this.#base = new URL(url);
    if (this.#base.pathname === '/') this.#base.pathname = '/v1';
    this.url = this.#base.href.replace(/\/+$/, '');
    const isTls = this.#base.protocol === 'https:';
    const options = { keepAlive: true, timeout: IDLE_MS };
    this.#agent = isTls ? new https.Agent(options) : new http.Agent(options);
    this.#request = isTls ? https.request : http.request;
  }

  /** Begins the same request there; `path` is what follows `/v1`, with its query. */
  begin({ method, rawHeaders }: IncomingMessage, path: string): ClientRequest {
    const { hostname, port, host, pathname } = this.#base;
    return this.#request({
      method,
      agent: this.#agent,
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      path: pathname.replace(/\/+$/, '') + path,
      headers: ['Host', host, ...passedRequestHeaders(rawHeaders)],
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
