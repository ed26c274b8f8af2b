import type { Secrets } from './config/types.js';

/** Shorter ones stand in other words, such as the `none` of who needs no key, and are no secrets. */
const LEAST_LENGTH = 8;

/** All that must not be shown, the longest first: one may be a part of another. */
export const secretTexts = (secrets: Partial<Secrets>): string[] =>
  [secrets.judgeApiKey, secrets.embeddingApiKey, secrets.hfToken, secrets.gatewayKey]
    .filter((secret) => typeof secret === 'string')
    .sort((a, b) => b.length - a.length);

/** What somebody else has said, who may repeat what he was sent. */
export const masked = (text: string, secrets: readonly string[]): string =>
  secrets.reduce(
    (shown, secret) => (secret.length < LEAST_LENGTH ? shown : shown.replaceAll(secret, '***')),
    text,
  );
