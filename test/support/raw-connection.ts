import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A connection without an HTTP client: `all` is what came until the server ended it. */
export async function aConnection(url: string): Promise<{ socket: Socket; all: Promise<string> }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  return { socket, all: text(socket).catch((error: Error) => error.message) };
}
