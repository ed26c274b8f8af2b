import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Fault, lax, text } from './lax.js';
import { keys } from './schema-parts.js';
import type { ApiKey } from './types.js';

const ALL = '*';
const EXAMPLE = 'such as {key_env: TEAM_A_KEY, clients: [team-a]}';
/** As a bearer token in a header. */
const SENDABLE = /^[\x21-\x7e]+$/;
/** Shorter ones can be guessed. */
const LEAST_LENGTH = 16;

const clients = lax(
  (value) => {
    if (value === null || value === ALL) return null;
    const names = Array.isArray(value) ? value.filter((name) => typeof name === 'string' && name) : [];
    if (Array.isArray(value) && names.length > 0 && names.length === value.length) return names.map(String);
    return new Fault('list_type', "Input should be a list of client_ids, or '*' for all");
  },
  { type: 'array' },
);

/** `api_keys` of the file. */
export const apiKeys = z.preprocess(
  (value) => value ?? [],
  z.array(
    keys(
      {
        key_env: text.describe('variable of the environment that holds the key, of 16 characters or more'),
        clients: clients
          .default(null)
          .describe("list of the client_ids that it is good for; `'*'` or left out: all"),
      },
      `with key_env, ${EXAMPLE}`,
    ),
    { error: `Input should be a list of keys, ${EXAMPLE}` },
  ),
);

type Section = z.output<typeof apiKeys>;

/** The keys that are in the environment; of each its digest alone is kept. */
export const readApiKeys = (section: Section, env: NodeJS.ProcessEnv): ApiKey[] =>
  section.flatMap(({ key_env: name, clients }) => {
    const key = env[name];
    return key ? [{ name, digest: digestOf(key), clients }] : [];
  });

export const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** What a gateway could not start with. */
export function apiKeyProblems(section: Section, env: NodeJS.ProcessEnv): string[] {
  return section.flatMap(({ key_env: name }, index) => {
    const key = env[name] ?? '';
    const at = `api_keys[${index}].key_env`;
    if (key === '') return [`${at}: ${name} is not set: put the key into that variable of the environment`];
    if (!SENDABLE.test(key))
      return [
        `${at}: the key in ${name} has a blank, a new line or another character that no caller could send: write it ` +
          'without, and its file without a new line at the end',
      ];
    if (key.length < LEAST_LENGTH)
      return [`${at}: the key in ${name} is too short: take ${LEAST_LENGTH} random characters or more`];
    const first = section.findIndex((other) => env[other.key_env] === key);
    return first === index
      ? []
      : [`${at}: ${name} holds the key of api_keys[${first}]: name it once, with all its clients`];
  });
}
