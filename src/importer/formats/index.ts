import type { Format } from '../format.js';
import type { Fields } from '../values.js';
import { langfuse } from './langfuse.js';
import { langsmith } from './langsmith.js';
import { log } from './log.js';
import { nat } from './nat.js';
import { openaiFineTuning } from './openai-fine-tuning.js';
import { openaiPair } from './openai-pair.js';
import { otel } from './otel/index.js';

/** Every kind of log with its own shape; the first that recognises a value is the one that reads it. */
export const FORMATS: readonly Format[] = [otel, langsmith, langfuse, nat, log, openaiPair, openaiFineTuning];

/** The format of a value by its shape, or undefined. */
export const recognise = (item: Fields): Format | undefined =>
  FORMATS.find((format) => format.recognises(item));

export const formatNamed = (name: string): Format | undefined =>
  FORMATS.find((format) => format.name === name);

export { columns } from './columns.js';
export { log } from './log.js';
