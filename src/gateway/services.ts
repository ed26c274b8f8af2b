import type { Client } from '@temporalio/client';
import type { LoadedConfig } from '../config/types.js';
import type { Logger } from '../logger.js';
import type { LoggingProxy } from '../proxy/index.js';
import type { LogStore } from '../stores/log-store.js';
import type { RunStore } from '../stores/run-store.js';
import type { RunWatches } from './events/run-watches.js';
import type { StreamLimit } from './events/stream-limit.js';
import type { OpenApiDocument } from './openapi/document.js';
import type { Previews } from './previews.js';
import type { RunReader } from './run-reader.js';

/** Everything that the gateway stands on. */
export interface GatewayServices {
  temporal: Client;
  taskQueue: string;
  logs: LogStore;
  runs: RunStore;
  config: LoadedConfig;
  /** Each asks one service of NeMo whether it answers, and rejects with words for people. */
  platform: readonly (() => Promise<unknown>)[];
  /** Default: lines of JSON on standard error. */
  logger?: Logger;
  /** Where one is configured; stopped by whoever started it. */
  proxy?: LoggingProxy | null;
}

/** What a route may use. */
export interface GatewayContext extends GatewayServices {
  reader: RunReader;
  previews: Previews;
  watches: RunWatches;
  streams: StreamLimit;
  openApi: OpenApiDocument;
  logger: Logger;
  /** Aborted when the gateway has been told to stop: from then on it is not ready. */
  stopping: AbortSignal;
}
