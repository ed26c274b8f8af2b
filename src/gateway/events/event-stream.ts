import type { Response } from 'express';
import type { SentEvent } from './job-events.js';

/** A reader of such a stream asks again so many milliseconds after it was broken off. */
const RETRY_MS = 2_000;
const HEARTBEAT_MS = 15_000;
/** A listener that has not taken so many bytes is away, even if its connection is not. */
const MOST_WAITING_BYTES = 1_000_000;

/** Server-sent events to one client. */
export class EventStream {
  readonly #response: Response;

  /** Begins the answer; a comment every so many milliseconds keeps the connection, and finds out that it is none. */
  constructor(response: Response, heartbeatMs = HEARTBEAT_MS) {
    this.#response = response;
    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx would keep events until it has enough of them.
      'X-Accel-Buffering': 'no',
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
    const timer = setInterval(() => this.#write(': still here\n\n'), heartbeatMs);
    response.on('close', () => clearInterval(timer));
  }

  /** JSON has no line breaks of its own. */
  send({ id, name, data }: SentEvent): void {
    this.#write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.#response.end();
  }

  #write(text: string): void {
    const { destroyed, writableEnded, writableLength } = this.#response;
    if (destroyed || writableEnded) return;
    if (writableLength > MOST_WAITING_BYTES) this.#response.destroy();
    else this.#response.write(text);
  }
}
