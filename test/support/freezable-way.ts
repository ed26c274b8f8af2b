import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Way {
  url: string;
  /** From now on it takes whatever comes and passes nothing on, like a server that hangs. */
  freeze(): void;
  /** Ends every connection, and each new one at once, like a server that is not there. */
  cut(): void;
  /** Lets new connections pass again. */
  mend(): void;
}

/** A way to a server that a test may freeze or cut. */
export async function aFreezableWay(url: string): Promise<Way> {
  const { hostname, port, protocol } = new URL(url);
  const sockets = new Set<Socket>();
  let frozen = false;
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return near.on('error', () => undefined).destroy();
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket.on('error', () => undefined));
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('data', (bytes) => frozen || far.write(bytes));
    far.on('data', (bytes) => frozen || near.write(bytes));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    return near;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    endAll();
    server.close();
  });
  // A server on a port has an address of this form.
  const address = server.address() as AddressInfo;
  return {
    url: `${protocol}//127.0.0.1:${address.port}`,
    freeze: () => void (frozen = true),
    cut() {
      isCut = true;
      endAll();
    },
    mend: () => void (isCut = false),
  };
}
