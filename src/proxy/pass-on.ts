import type { IncomingMessage, ServerResponse } from 'node:http';
import { passedAnswerHeaders } from './headers.js';
import type { Upstream } from './upstream.js';

/** What is told of an answer that passes. */
export interface Listener {
  answered(answer: IncomingMessage): void;
  /** Once: no more will pass. Whether the answer came to its end. */
  over(isWhole: boolean): void;
}

/**
 * Passes a request on and its answer back, as they come: status, headers and bytes are the upstream's, nobody sends faster
 * than the other takes, and a caller that goes away ends the request. An upstream that cannot be asked is a 502.
 */
export function passOn(
  upstream: Upstream,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  listener: Listener,
): void {
  const asking = upstream.begin(request, path);
  let hasBegun = false;
  let isWhole = false;
  asking.on('response', (answer) => {
    if (!couldWriteHead(response, answer)) return void asking.destroy(new Error('no HTTP'));
    hasBegun = true;
    listener.answered(answer);
    // Who waits for a stream sees that it has begun.
    if (answer.headers['content-length'] === undefined) response.flushHeaders();
    answer.on('end', () => (isWhole = answer.complete));
    answer.on('error', () => response.destroy());
    answer.pipe(response);
  });
  const cannotBeAsked = (why: string) =>
    refuse(
      response,
      502,
      `The upstream ${upstream.url} cannot be asked (${why}): check that it runs and that this is its address.`,
    );
  asking.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // What has begun comes to its own end, or breaks off: who has answered need not take the rest of the request.
    if (!hasBegun) cannotBeAsked(code ?? message);
  });
  // To another protocol, for which nobody has asked: Node tells of no error where nobody listens.
  asking.on('upgrade', (_answer, connection) => {
    connection.destroy();
    cannotBeAsked('no HTTP');
  });
  response.on('error', () => undefined);
  request.on('error', () => asking.destroy());
  response.on('close', () => {
    asking.destroy();
    // A caller that still sends would wait for ever, and could not ask again.
    if (!request.complete) request.unpipe(asking).resume();
    listener.over(isWhole && response.writableFinished);
  });
  request.pipe(asking);
}

/**
 * Writes the head; false where Node has read what it does not write, a status below 100 or words with odd bytes, and then
 * nothing is said.
 */
function couldWriteHead(response: ServerResponse, answer: IncomingMessage): boolean {
  try {
    writeHead(response, answer);
    return true;
  } catch {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.statusMessage = '';
    return false;
  }
}

/** Status and headers of the answer: each of them, and no others. `Connection` is about the connection to the caller. */
function writeHead(
  response: ServerResponse,
  { statusCode = 502, statusMessage, rawHeaders }: IncomingMessage,
) {
  const headers = passedAnswerHeaders(rawHeaders);
  // The upstream's own date, too.
  response.sendDate = false;
  const ours = response.getHeaderNames();
  if (ours.length === 0) return response.writeHead(statusCode, statusMessage, headers);
  for (const name of ours) if (name !== 'connection') response.removeHeader(name);
  // Beside headers that were set before, a list of them would lose those that come twice.
  for (let at = 0; at < headers.length; at += 2)
    response.appendHeader(headers[at] ?? '', headers[at + 1] ?? '');
  return response.writeHead(statusCode, statusMessage);
}

/** In OpenAI's form; what has begun can only be broken off. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const body = JSON.stringify({ error: { message, type: 'proxy_error', param: null, code: null } });
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}
