import { createServer, type IncomingHttpHeaders } from 'node:http';
import { listening } from './listening.js';

export interface Asked {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answering {
  status?: number;
  headers?: Record<string, string>;
  /** Anything but text and bytes is sent as JSON. */
  body?: unknown;
}

/** A service that answers as the test says, and keeps what it was asked; `null` leaves a request unanswered. */
export async function anAnsweringServer(answer: (asked: Asked) => Answering | null) {
  const asked: Asked[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const request = { method: req.method ?? '', url: req.url ?? '', headers: req.headers, body };
      asked.push(request);
      const answering = answer(request);
      if (!answering) return;
      res.writeHead(answering.status ?? 200, answering.headers).end(encoded(answering.body));
    });
  });
  return { url: await listening(server), asked };
}

const encoded = (body: unknown): string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body ?? {});
