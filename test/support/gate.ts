import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { closeServer, listen, urlOf } from '../../src/nemo-local/listener.js';

/** Requests that wait at a gate until they may pass. */
export interface Hold {
  /** Resolves when the first of them has come. */
  reached: Promise<void>;
  /** Lets those that wait pass, and all that follow. */
  open(): void;
}

/**
 * Stands between the program and a service. What it holds happens when the test says so: no test has to be faster or
 * slower than what it watches.
 */
export class Gate {
  /** Every request that came, as `METHOD /path?query`. */
  readonly requests: string[] = [];
  /** Those of them whose answers nobody waited for. */
  readonly abandoned: string[] = [];
  private readonly barriers = new Set<Barrier>();
  private readonly refusals: { matching: RegExp; status: number; body: unknown }[] = [];

  /** Holds requests whose `METHOD /path?query` matches; what another hold lets pass may be held here. */
  hold(matching: RegExp): Hold {
    const barrier = new Barrier(matching);
    this.barriers.add(barrier);
    const open = () => {
      this.barriers.delete(barrier);
      barrier.open();
    };
    return { reached: barrier.reached, open };
  }

  /** Answers requests whose `METHOD /path?query` matches in the service's stead. */
  refuse(matching: RegExp, status: number, body: unknown): void {
    this.refusals.push({ matching, status, body });
  }

  /** Lets everything pass. */
  open(): void {
    for (const barrier of this.barriers) barrier.open();
    this.barriers.clear();
  }

  /** Resolves with the address at which the service is now to be asked, and how to stop. */
  async before(serviceUrl: string): Promise<{ url: string; close(): Promise<void> }> {
    const server = await listen((asked, answer) => void this.admit(serviceUrl, asked, answer), {
      host: '127.0.0.1',
      port: 0,
      serves: 'a gate',
    });
    return { url: urlOf(server), close: () => closeServer(server) };
  }

  private async admit(serviceUrl: string, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const line = `${asked.method} ${asked.url}`;
    this.requests.push(line);
    const refusal = this.refusals.find(({ matching }) => matching.test(line));
    if (refusal) {
      asked.resume();
      answer.writeHead(refusal.status, { 'content-type': 'application/json' });
      return void answer.end(JSON.stringify(refusal.body));
    }
    answer.on('close', () => {
      if (!answer.writableFinished) this.abandoned.push(line);
    });
    for (;;) {
      const barrier = [...this.barriers].find(({ matching }) => matching.test(line));
      if (!barrier) break;
      await barrier.passed();
    }
    // Who asked may have given up, as a cancelled activity does.
    if (!answer.destroyed) forward(serviceUrl, asked, answer);
  }
}

class Barrier {
  readonly matching: RegExp;
  readonly reached: Promise<void>;
  open: () => void = () => undefined;
  private reach: () => void = () => undefined;
  private readonly opened: Promise<void>;

  constructor(matching: RegExp) {
    this.matching = matching;
    this.reached = new Promise((resolve) => (this.reach = resolve));
    this.opened = new Promise((resolve) => (this.open = resolve));
  }

  passed(): Promise<void> {
    this.reach();
    return this.opened;
  }
}

function forward(serviceUrl: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url = '/' } = asked;
  const passedOn = request(serviceUrl + url, { method, headers }, (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(answer);
  });
  passedOn.on('error', () => answer.destroy());
  answer.on('close', () => passedOn.destroy());
  asked.pipe(passedOn);
}
