import { randomUUID } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { RequestFault } from './fault-schema.js';
import type { Faults } from './faults.js';

export type Service = NonNullable<RequestFault['service']>;

/** Marks requests that we send ourselves: these are carried out whatever is armed. */
const PASS = { header: 'x-nemo-local-pass', value: randomUUID() };

/** Answers instead of the service, or spoils its answer, while a fault is armed for the request. */
export const injectFaults =
  (faults: Faults, service: Service): RequestHandler =>
  async (req, res, next) => {
    if (req.path.startsWith('/admin/') || req.get(PASS.header) === PASS.value) return next();
    const fault = faults.strikeRequest(`${req.method} ${req.path}`, (one) => fits(one, service, req));
    if (!fault) return next();
    if (fault.phase === 'after') return spoil(fault, await carriedOut(req), req, res);
    if (fault.kind === 'status') return refuse(fault, req, res);
    if (fault.kind === 'cut') return void req.socket.destroy();
    await delayed(fault);
    next();
  };

function fits({ service, method, path, pathPrefix }: RequestFault, at: Service, req: Request): boolean {
  if (service !== undefined && service !== at) return false;
  if (method !== undefined && method !== req.method) return false;
  if (pathPrefix !== undefined) return req.path.startsWith(pathPrefix);
  const parts = path?.split('/') ?? [];
  const asked = req.path.split('/');
  return asked.length === parts.length && parts.every((part, i) => part === '*' || part === asked[i]);
}

function refuse(
  { status = 500, html, retryAfter, path, pathPrefix }: RequestFault,
  req: Request,
  res: Response,
) {
  // What is left of the body must not be taken for the next request.
  req.resume();
  if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter));
  res.status(status);
  if (html) return void res.type('html').send(`<html><body><h1>${status}</h1></body></html>\n`);
  res.json({ detail: `fault injected on request for ${path ?? pathPrefix}` });
}

interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Sends the request on to where it came in, and keeps its answer. */
function carriedOut(req: Request): Promise<Answer> {
  const { localAddress: host, localPort: port } = req.socket;
  const headers = { ...req.headers, [PASS.header]: PASS.value, connection: 'close' };
  return new Promise((resolve, reject) => {
    const inner = request({ host, port, method: req.method, path: req.originalUrl, headers });
    inner.on('error', reject);
    inner.on('response', (response) => {
      const { statusCode: status = 500 } = response;
      const keep = (body: Buffer) => resolve({ status, headers: response.headers, body });
      buffer(response).then(keep, reject);
    });
    req.pipe(inner);
  });
}

async function spoil(fault: RequestFault, { status, headers, body }: Answer, req: Request, res: Response) {
  if (fault.kind === 'status') return refuse(fault, req, res);
  const isCut = fault.kind === 'cut';
  // One byte more is announced than there is, so that an empty answer is cut too.
  const head = { ...headers, connection: 'keep-alive', 'content-length': body.length + (isCut ? 1 : 0) };
  // The length says it all.
  delete head['transfer-encoding'];
  if (!isCut) await delayed(fault);
  res.writeHead(status, head);
  if (!isCut) return void res.end(body);
  res.flushHeaders();
  res.write(body.subarray(0, Math.floor(body.length / 2)), () => req.socket.destroy());
}

const delayed = ({ delayMs }: RequestFault) => setTimeout(delayMs, undefined, { ref: false });
