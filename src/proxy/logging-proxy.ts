import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { LogStore } from '../stores/log-store.js';
import { CapturedBody } from './captured-body.js';
import type { Exchange, SkipReason } from './exchange.js';
import { CLIENT_HEADER, SESSION_HEADER, textOf, WORKLOAD_HEADER } from './headers.js';
import { Memory } from './memory.js';
import { passOn, refuse } from './pass-on.js';
import { Recorder } from './recorder.js';
import type { RecorderSettings } from './recorder-messages.js';
import { type ProxyStatus, statusOf } from './status.js';
import { Upstream } from './upstream.js';

export interface ProxySettings extends RecorderSettings {
  /** Base URL of an OpenAI-compatible API. */
  upstream: string;
  /** Of requests that name none. */
  clientId: string | null;
  workloadId: string | null;
}

/** Passes requests on to an OpenAI-compatible API, and logs chat completions once they have passed. */
export class LoggingProxy {
  readonly #settings: ProxySettings;
  readonly #upstream: Upstream;
  readonly #memory: Memory;
  readonly #recorder: Recorder;

  private constructor(settings: ProxySettings, memory: Memory, recorder: Recorder) {
    this.#settings = settings;
    this.#upstream = new Upstream(settings.upstream);
    this.#memory = memory;
    this.#recorder = recorder;
  }

  /** `logs` is the embedded store, where records go there. */
  static async start(
    settings: ProxySettings,
    logs: Pick<LogStore, 'append'> | null = null,
    memory = new Memory(),
  ): Promise<LoggingProxy> {
    return new LoggingProxy(settings, memory, await Recorder.start(settings, memory, logs));
  }

  /** Passes on a request whose URL begins with `/v1/`. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '').slice('/v1'.length);
    if (DOT_SEGMENT.test(path.replace(/\?.*$/s, '')))
      return refuse(
        response,
        400,
        'A path with `.` or `..` in it passes nowhere: it might lead out of `/v1`.',
      );
    if (isCoded(request.headers))
      return refuse(
        response,
        501,
        'Of transfer codings only `chunked` is known: send a packed body with `Content-Encoding`.',
      );
    const isLogged = request.method === 'POST' && /^\/chat\/completions\/?(?:\?|$)/.test(path);
    if (isLogged) this.#passAndLog(path, request, response);
    else passOn(this.#upstream, path, request, response, UNHEARD);
  }

  /** Under which client and workload a request with these headers is logged; null where neither it nor a default says so. */
  namesOf(headers: IncomingHttpHeaders): { clientId: string | null; workloadId: string | null } {
    const { clientId, workloadId } = this.#settings;
    return {
      clientId: textOf(headers, CLIENT_HEADER) ?? clientId,
      workloadId: textOf(headers, WORKLOAD_HEADER) ?? workloadId,
    };
  }

  async status(): Promise<ProxyStatus> {
    return statusOf(this.#settings, this.#upstream.url, await this.#recorder.status());
  }

  async close(): Promise<void> {
    this.#upstream.close();
    await this.#recorder.stop();
  }

  #passAndLog(path: string, request: IncomingMessage, response: ServerResponse): void {
    const atMs = Date.now();
    const [asked, answered] = [new CapturedBody(this.#memory), new CapturedBody(this.#memory)];
    let answer: IncomingMessage | null = null;
    request.on('data', asked.add);
    passOn(this.#upstream, path, request, response, {
      answered(begun) {
        answer = begun;
        if (begun.statusCode === 200) begun.on('data', answered.add);
      },
      // In a turn of its own: the next requests go first.
      over: (isWhole) =>
        void setImmediate(() => this.#end({ atMs, request, response, asked, answer, answered, isWhole })),
    });
  }

  #end(passed: Passed): void {
    // The rest of a request that was answered early may still come.
    passed.request.off('data', passed.asked.add);
    const exchange = this.#exchangeOf(passed);
    passed.asked.release();
    passed.answered.release();
    if (exchange === 'dropped') this.#recorder.drop('memory');
    else if (typeof exchange === 'string') this.#recorder.skip(exchange);
    else this.#recorder.take(exchange);
  }

  /** What is to be logged, or why it is not. */
  #exchangeOf({
    atMs,
    request,
    response,
    asked,
    answer,
    answered,
    isWhole,
  }: Passed): Exchange | SkipReason | 'dropped' {
    const names = this.namesOf(request.headers);
    // A caller that has its 502 did not go away.
    if (answer === null) return response.headersSent ? 'failed' : 'cut';
    if (answer.statusCode !== 200) return 'failed';
    if (!isNamed(names)) return 'unnamed';
    if (asked.isTooLong || answered.isTooLong) return 'too-long';
    if (asked.isDropped || answered.isDropped) return 'dropped';
    const sessionId = textOf(request.headers, SESSION_HEADER);
    const type = textOf(answer.headers, 'content-type') ?? '';
    return {
      ...{ ...names, sessionId, atMs },
      request: { bytes: asked.bytes(), encoding: encodingOf(request.headers) },
      answer: { bytes: answered.bytes(), encoding: encodingOf(answer.headers), type, isWhole },
    };
  }
}

/** Also where dots and slashes are written with `%`, or slashes backwards: some servers read them as such. */
const DOT_SEGMENT = /(?:\/|%2f|\\|%5c)(?:\.|%2e){1,2}(?:\/|%2f|\\|%5c|$)/i;

/** Otherwise than in chunks, which the upstream might take for something else than we do: RFC 9112, section 6.1. */
const isCoded = ({ 'transfer-encoding': coding }: IncomingHttpHeaders): boolean =>
  coding !== undefined && coding.toLowerCase() !== 'chunked';

interface Passed {
  atMs: number;
  request: IncomingMessage;
  response: ServerResponse;
  asked: CapturedBody;
  answer: IncomingMessage | null;
  answered: CapturedBody;
  isWhole: boolean;
}

type Names = Pick<Exchange, 'clientId' | 'workloadId'>;

const isNamed = (names: { [Key in keyof Names]: string | null }): names is Names =>
  names.clientId !== null && names.workloadId !== null;

const encodingOf = (headers: IncomingHttpHeaders): string => textOf(headers, 'content-encoding') ?? '';

const UNHEARD = { answered: () => undefined, over: () => undefined };
