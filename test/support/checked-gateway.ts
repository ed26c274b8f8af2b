import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';
import { startGateway } from '../../src/gateway/index.js';
import { complaintOf } from './conformity.js';

/** What is wrong with the answers of each gateway that this process has started, by its port. */
const complaints = new Map<number, string[]>();

subscribe('http.server.request.start', (message) => {
  const response = responseOf(message);
  const found = complaints.get(response.req.socket.localPort ?? 0);
  if (found) watch(response, found);
});

/** A gateway whose end fails when one of its answers, to whomever, was not as the OpenAPI document says. */
export async function startCheckedGateway(...given: Parameters<typeof startGateway>) {
  const gateway = await startGateway(...given);
  const port = Number(new URL(gateway.url).port);
  const found: string[] = [];
  complaints.set(port, found);
  const close = async () => {
    await gateway.close();
    complaints.delete(port);
    if (found.length > 0)
      throw new Error(`Answers that openapi.json does not describe:\n${found.join('\n')}`);
  };
  return { ...gateway, close };
}

/** Keeps what is written, and judges it when all is: an answer that somebody has broken off is none. */
function watch(response: ServerResponse, found: string[]): void {
  const { method = '', url = '' } = response.req;
  const written: Buffer[] = [];
  for (const name of ['write', 'end'] as const) {
    const send = response[name];
    const kept = (...given: unknown[]) => {
      const [chunk] = given;
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) written.push(Buffer.from(chunk));
      return Reflect.apply(send, response, given);
    };
    Object.assign(response, { [name]: kept });
  }
  response.on('finish', () => {
    const headers = Object.fromEntries(
      Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]),
    );
    const body = Buffer.concat(written).toString();
    const { statusCode: status } = response;
    // Of what passes the date too is the upstream's.
    const isPassedOn = !response.sendDate;
    const complaint = complaintOf({ method, path: url, status, headers, body, isPassedOn });
    if (complaint !== null) found.push(complaint);
  });
}

function responseOf(message: unknown): ServerResponse {
  if (typeof message === 'object' && message !== null && 'response' in message)
    if (message.response instanceof ServerResponse) return message.response;
  throw new Error('this Node says other things when a request begins');
}
