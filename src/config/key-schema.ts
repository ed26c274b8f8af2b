import { z } from 'zod';
import { DURATION_FORMAT, durationText } from './duration.js';
import { configFile } from './schema.js';

/** What is read of a JSON schema: which keys there are, and what each is. */
export interface KeySchema {
  properties?: Record<string, KeySchema>;
  required?: string[];
  items?: KeySchema;
  anyOf?: KeySchema[];
  type?: string | string[];
  format?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  default?: unknown;
  description?: string;
}

/** The alternative that has keys, of a section that may be null. */
export const withKeys = (schema: KeySchema): KeySchema =>
  schema.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;

/** The schema of the configuration file. `KeySchema` names parts of a JSON schema, each as the standard types it. */
export const configKeys = z.toJSONSchema(configFile, { unrepresentable: 'any' }) as KeySchema;

/** A value as one would write it in the file. */
export const inFileWords = (value: unknown, { format }: KeySchema): string =>
  format === DURATION_FORMAT && typeof value === 'number' ? durationText(value) : JSON.stringify(value);
