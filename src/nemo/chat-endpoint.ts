import { z } from 'zod';
import { Http } from './http.js';

const answer = z.object({ choices: z.array(z.unknown()).min(1) });

/**
 * Asks a model at the full URL of its chat completions for any answer, as the blueprint does; a ServiceError says why there
 * is none.
 */
export async function askChat(
  { model, url, key }: { model: string; url: string; key: string | null },
  signal?: AbortSignal,
): Promise<void> {
  const body = { model, messages: [{ role: 'user', content: 'hi' }] };
  await new Http(`the model ${model}`, url).json('POST', '', answer, { body, bearer: key, signal });
}
