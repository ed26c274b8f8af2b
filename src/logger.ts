import { AsyncLocalStorage } from 'node:async_hooks';
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

const NAMES = [
  'authorization',
  'Authorization',
  'api_key',
  'apiKey',
  'judgeApiKey',
  'embeddingApiKey',
  'hfToken',
  'gatewayKey',
  'cookie',
  'x-flywheel-key',
  'X-Flywheel-Key',
];
/** At the top of a line, and up to two levels below. */
const SECRETS = NAMES.flatMap((name) => ['', '*', '*.*'].map((above) => `${above}["${name}"]`));

/** What each line says that is written meanwhile: which request, which run. */
export type LogFields = Record<string, string>;

const fields = new AsyncLocalStorage<LogFields>();

/** Does the work; each line of log that it writes has the fields. */
export const withLogFields = <T>(more: LogFields, work: () => T): T =>
  fields.run({ ...fields.getStore(), ...more }, work);

/** From here on, each line of log of the same work has the fields. */
export const addLogFields = (more: LogFields): void => void Object.assign(fields.getStore() ?? {}, more);

/**
 * Makes a logger of JSON lines on standard error, so that standard output stays free for what a command prints.
 * Secrets are never logged, and these names are masked all the same.
 */
export const createLogger = (level: string, destination: DestinationStream = pino.destination(2)): Logger =>
  pino({ level, redact: SECRETS, mixin: () => ({ ...fields.getStore() }) }, destination);
