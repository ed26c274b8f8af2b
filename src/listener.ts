import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';

/** How long a connection may take for what, in milliseconds, and how many there may be. */
export interface ConnectionLimits {
  /** Until the headers of a request are there. */
  headersMs: number;
  /** Until a request is there, with its body: 64 MB at 2 Mbit/s. */
  requestMs: number;
  /** How often that is looked at. */
  checkMs: number;
  /** Without a request; longer than that of load balancers, which else send one to a connection that is being closed. */
  idleMs: number;
  /** With an answer of which the reader takes nothing. */
  stalledMs: number;
  /** A further one takes the place of the one that has waited longest without a whole request. */
  most: number;
  /** With events of jobs, of one caller: they last as long as the job. */
  streams: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersMs: 20_000,
  requestMs: 300_000,
  checkMs: 2_000,
  idleMs: 65_000,
  stalledMs: 60_000,
  most: 5_000,
  streams: 500,
};

/** A server whose connections cost nobody else their answers, however slow or half-open they are. */
export function createListener(limits: ConnectionLimits, listener: RequestListener): Server {
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      keepAliveTimeout: limits.idleMs,
    },
    (request, response) => {
      request.url = originForm(request.url);
      dropStalled(response, limits.stalledMs);
      listener(request, response);
    },
  );
  keepRoom(server, limits.most);
  return server;
}

/**
 * Connections that say nothing, or little at a time, cost their caller nothing, and would keep everybody from all others:
 * where there are as many as may be, one of these ends for the new one, which itself ends where all are being answered.
 */
function keepRoom(server: Server, most: number): void {
  /** Their last request, unless it is answered; the one that has been longest without one comes first. */
  const open = new Map<Socket, IncomingMessage | null>();
  server.on('connection', (socket: Socket) => {
    open.set(socket, null);
    socket.on('close', () => open.delete(socket));
    if (open.size > most) longestWaiting(open)?.destroy();
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    open.set(socket, request);
    response.on('close', () => {
      if (open.get(socket) !== request) return;
      open.delete(socket);
      open.set(socket, null);
    });
  });
}

/** Takes it out, the new one if there is no other: many may come before the first is closed. */
function longestWaiting(open: Map<Socket, IncomingMessage | null>): Socket | undefined {
  for (const [socket, request] of open) {
    if (request?.complete) continue;
    open.delete(socket);
    return socket;
  }
  return undefined;
}

/** Path and query: where a request names a whole URL (RFC 9112, 3.2.2), everybody would look for its path in vain. */
const originForm = (target = ''): string =>
  target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#\\]*\/?/i, '/');

/**
 * The time begins anew with all that is written, and with each megabyte or two that the system says was taken: 200 kbit/s are
 * enough. Where nothing waits for the reader, it is the answer that takes its time.
 */
const dropStalled = (response: ServerResponse, ms: number) =>
  response.setTimeout(ms, () => {
    if (response.writableLength > 0) response.destroy();
  });

/** Opens the port, 0 being any free one, and resolves with the server's URL; rejects with Node's error. */
export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<string> {
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const listening = typeof address === 'object' && address ? address.port : port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${listening}`;
}

/** Why a server could not listen there, and what to do; `settings` are what its user sets host and port by. */
export function cannotListen(
  error: unknown,
  { host, port }: { host: string; port: number },
  settings: { host: string; port: string },
): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  const reasons: Record<string, string> = {
    EADDRINUSE: `another program uses that port: stop it, or set ${settings.port} to another one`,
    EACCES: `this user may not use that port: set ${settings.port} to one above 1023`,
    EADDRNOTAVAIL: `this machine has no such address: set ${settings.host} to one of its own`,
    ENOTFOUND: `there is no such host: set ${settings.host} to an address of this machine`,
  };
  return `cannot listen on ${host}:${port}: ${reasons[code] ?? code}.`;
}

/** Takes no more connections; resolves when the requests that are under way have ended, or have had that time. */
export async function stopListening(server: Server, stopMs: number): Promise<void> {
  const closed = once(server, 'close');
  // A connection would else be kept for a next request.
  server.prependListener('request', (_request, response) => response.setHeader('Connection', 'close'));
  const closeIdle = setInterval(() => server.closeIdleConnections(), 50);
  const late = setTimeout(() => server.closeAllConnections(), stopMs);
  server.close();
  await closed.finally(() => {
    clearInterval(closeIdle);
    clearTimeout(late);
  });
}
