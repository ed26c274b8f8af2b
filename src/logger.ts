import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/** The only place where loggers are made; secrets are never logged, and these names are masked all the same. */
export const createLogger = (level: string): Logger =>
  pino({ level, redact: ['*.authorization', '*.api_key', '*.apiKey', '*.judgeApiKey', '*.hfToken'] });
