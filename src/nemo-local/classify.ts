import { z } from 'zod';
import { notFound, parseBody } from './http-error.js';
import type { Platform } from './platform.js';
import { servedModels } from './served-models.js';

const ClassifyRequest = z.object({ model: z.string(), input: z.string() });

/** Models that tell attempts to talk a model out of its rules, as the NemoGuard JailbreakDetect NIM does. */
export const isClassifier = (name: string): boolean => /jailbreak/i.test(name);

/** Each a way of going about it. */
const ATTEMPTS = [
  /\b(ignore|forget|disregard|override)\b.*\b(previous|prior|above|your|all)\b.*\b(instructions?|rules?|prompts?|guidelines?)\b/,
  /\b(act|pretend|behave|role-?play)\b.*\b(as|to be|if|like)\b.*\b(no|without|any|free of)\b.*\b(rules?|limits?|restrictions?|filters?|ethics)\b/,
  /\b(you are|you're) (now )?(dan|unrestricted|unfiltered|jailbroken|an? (unrestricted|unfiltered|evil))\b/,
  /\b(developer|debug|god|sudo|jailbreak) mode\b/,
  /\b(reveal|print|show|repeat|leak)\b.*\b(system|hidden|initial|secret)\b.*\b(prompt|instructions?|message)\b/,
  /\b(hypothetical|fictional)(ly)?\b.*\b(no|without|any)\b.*\b(rules?|limits?|restrictions?|laws?)\b/,
];

/**
 * `POST /v1/classify` → `{jailbreak, score}`, the score from -1, surely none, to 1, surely one (docs.nvidia.com,
 * release notes of the NIM). Here it grows with the number of ways that the text goes about it.
 */
export function classify(platform: Platform, body: unknown): { jailbreak: boolean; score: number } {
  const { model, input } = parseBody(ClassifyRequest, body);
  const isServed = isClassifier(model) && servedModels(platform).some(({ id }) => id === model);
  if (!isServed) throw notFound(`model ${model}`);
  const text = input.toLowerCase().replace(/\s+/g, ' ');
  const found = ATTEMPTS.filter((attempt) => attempt.test(text)).length;
  const score = (2 * found) / (found + 0.5) - 1;
  return { jailbreak: score > 0, score };
}
