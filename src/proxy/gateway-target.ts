import { request } from 'undici';
import { z } from 'zod';
import type { Target } from './target.js';

const Kept = z.object({
  appended: z.number(),
  duplicates: z.number(),
  errors: z.array(z.object({ index: z.number(), reason: z.string() })),
});
const Refusal = z.object({ detail: z.unknown() });

const ANSWER_MS = 60_000;

/** Sends records to a running gateway, with its key where it needs one. */
export function gatewayTarget(url: string, key: string | null): Target {
  const address = `${url.replace(/\/+$/, '')}/api/logs`;
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(key !== null && { authorization: `Bearer ${key}` }),
  };
  return {
    async append(lines) {
      const answer = await request(address, {
        method: 'POST',
        headers,
        body: lines.join('\n'),
        signal: AbortSignal.timeout(ANSWER_MS),
      }).catch((error: unknown) => {
        throw new Error(`No gateway answers at ${address} (${reasonOf(error)}).`, { cause: error });
      });
      const text = await answer.body.text();
      if (answer.statusCode === 200) return Kept.parse(JSON.parse(text));
      throw new Error(`${address} answered ${answer.statusCode}: ${detailOf(text)}`);
    },
    close: () => Promise.resolve(),
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

function detailOf(text: string): string {
  try {
    const { detail } = Refusal.parse(JSON.parse(text));
    return typeof detail === 'string' ? detail : JSON.stringify(detail);
  } catch {
    return text.slice(0, 300);
  }
}
