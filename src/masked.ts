import type { Secrets } from './config/types.js';

/** What the data store is sent where no token is set; it takes any. */
export const NO_TOKEN = 'nothing';

/** All that must not be shown, the longest first: one may be a part of another. */
export const secretTexts = (secrets: Partial<Secrets>): string[] =>
  [secrets.judgeApiKey, secrets.embeddingApiKey, secrets.hfToken, secrets.gatewayKey]
    .filter((secret) => typeof secret === 'string')
    .filter((secret) => secret !== '' && secret !== NO_TOKEN)
    .sort((a, b) => b.length - a.length);

/** What somebody else has said, who may repeat what he was sent. */
export const masked = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
