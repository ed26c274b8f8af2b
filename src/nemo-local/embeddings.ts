import { createHash } from 'node:crypto';
import { z } from 'zod';
import { wordsOf } from './engine/words.js';
import { hash, mix } from './engine/hash.js';
import { unprocessable } from './http-error.js';

export const EmbeddingRequest = z.object({
  model: z.string(),
  input: z.union([z.string().transform((input) => [input]), z.array(z.string()).min(1)]),
  input_type: z.enum(['query', 'passage']).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  truncate: z.enum(['NONE', 'START', 'END']).nullish(),
  dimensions: z.int().min(1).nullish(),
});

/** Numbers in a vector by model, as the models' makers say; others have the last one. */
const DIMENSIONS: [RegExp, number][] = [
  [/nv-embedqa-e5|e5-large|bge-large|arctic-embed-l/i, 1024],
  [/nv-embedqa-mistral|nv-embed-v|nv-embedcode/i, 4096],
  [/minilm/i, 384],
  [/./, 2048],
];

export const isEmbeddingModel = (name: string): boolean => /embed|minilm|\bbge-|(^|\/)e5-/i.test(name);

/** The length of a model's vectors; a shorter one may be asked for, as with models trained to be cut. */
export function dimensionsOf(model: string, wanted: number | null | undefined): number {
  const all = DIMENSIONS.find(([pattern]) => pattern.test(model))?.[1] ?? 2048;
  if (wanted && wanted > all)
    throw unprocessable(['body', 'dimensions'], `${model} has ${all} dimensions, ${wanted} were asked for`);
  return wanted ?? all;
}

/** Characters of a part of a word: enough to tell stems from endings, and to meet again in misspelt words. */
const NGRAM = 4;
const NGRAM_WEIGHT = 0.35;

/**
 * Embeds a text: its words and their parts, hashed into signed places, as a vector of length 1. Texts that share words
 * lie near each other. Passages and queries are embedded alike, so that either may be searched with the other.
 */
export function embed(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  const add = (feature: string, weight: number) => {
    const code = hash(feature);
    const place = mix(code, 1) % dimensions;
    vector[place] = (vector[place] ?? 0) + (mix(code, 2) % 2 === 0 ? weight : -weight);
  };
  const counts = new Map<string, number>();
  for (const word of wordsIn(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const [word, count] of counts) {
    const weight = 1 + Math.log(count);
    add(`word ${word}`, weight);
    const padded = `<${word}>`;
    for (let at = 0; at + NGRAM <= padded.length; at++)
      add(`part ${padded.slice(at, at + NGRAM)}`, (NGRAM_WEIGHT * weight) / Math.sqrt(padded.length));
  }
  // Opposite signs may meet in one place of a very short vector.
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** A text without words, an empty one too, still needs a direction: its own, and no other's. */
function wordsIn(text: string): readonly string[] {
  // The engine learns words only; of two texts that differ in a number, a search must find the right one.
  const numbers = text.match(/(?<![\p{L}\d])\d[\p{L}\d]*/gu) ?? [];
  const words = [...wordsOf(text), ...numbers];
  return words.length > 0 ? words : [createHash('sha256').update(text).digest('hex')];
}

/** Little-endian 32-bit floats, as OpenAI's libraries ask for them. */
export const toBase64 = (vector: number[]): string =>
  Buffer.from(Float32Array.from(vector).buffer).toString('base64');
