import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

const SECRETS = [
  '*.authorization',
  '*.api_key',
  '*.apiKey',
  '*.judgeApiKey',
  '*.embeddingApiKey',
  '*.hfToken',
];

/**
 * Makes a logger of JSON lines on standard error, so that standard output stays free for what a command prints.
 * Secrets are never logged, and these names are masked all the same.
 */
export const createLogger = (level: string): Logger => pino({ level, redact: SECRETS }, pino.destination(2));
