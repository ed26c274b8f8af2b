import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTION_LIMITS, cannotListen, createListener, listen, stopListening } from '../listener.js';
import { createApp, createContext } from './app.js';
import type { GatewayServices } from './services.js';

/** A gateway that cannot listen: says where, why and what to do. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
}

interface RunningGateway {
  url: string;
  /**
   * Is not ready any more, serves for the configured time on, then takes no more connections; resolves when the requests
   * that were under way are answered. Then its services may be closed.
   */
  close(): Promise<void>;
}

/** Serves the HTTP API; port 0 is any free one. */
export async function startGateway(
  services: GatewayServices,
  at: { host: string; port: number },
  limits = CONNECTION_LIMITS,
): Promise<RunningGateway> {
  const stopping = new AbortController();
  const context = createContext(services, stopping.signal, limits);
  const server = createListener(limits, createApp(context));
  const url = await listen(server, at).catch((error: unknown) => {
    const why = cannotListen(error, at, { host: 'HOST', port: 'PORT' });
    throw new GatewayError(`The gateway ${why}`, { cause: error });
  });
  return {
    url,
    async close() {
      stopping.abort();
      const { drainMs, stopTimeoutMs } = context.config.gateway;
      if (drainMs > 0) await sleep(drainMs);
      const stopped = stopListening(server, stopTimeoutMs);
      context.previews.stop();
      await context.watches.close();
      await stopped;
      await context.reader.close();
    },
  };
}
