import { request } from 'undici';
import { z } from 'zod';
import type { AppendResult } from '../stores/log-store.js';
import type { Target } from './target.js';

const Kept = z.object({
  appended: z.number(),
  duplicates: z.number(),
  errors: z.array(z.object({ index: z.number(), reason: z.string() })),
});
const Refusal = z.object({ detail: z.unknown() });

const ANSWER_MS = 60_000;
/** What is in the body is at fault. */
const UNREADABLE = new Set([400, 413, 422]);

/** Sends records to a running gateway, with its key where it needs one. */
export function gatewayTarget(url: string, key: string | null): Target {
  const address = `${url.replace(/\/+$/, '')}/api/logs`;
  const headers = {
    'content-type': 'application/x-ndjson',
    ...(key !== null && { authorization: `Bearer ${key}` }),
  };
  const append: Target['append'] = async (lines) => {
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
    const reason = `${address} answered ${answer.statusCode}: ${detailOf(text)}`;
    if (!UNREADABLE.has(answer.statusCode)) throw new Error(reason);
    // One record must not keep the others for ever.
    if (lines.length > 1) return await inHalves(lines, append);
    return { appended: 0, duplicates: 0, errors: [{ index: 0, reason }] };
  };
  return { append, close: () => Promise.resolve() };
}

async function inHalves(lines: string[], append: Target['append']): Promise<AppendResult> {
  const middle = Math.ceil(lines.length / 2);
  const first = await append(lines.slice(0, middle));
  const second = await append(lines.slice(middle));
  const later = second.errors.map(({ index, reason }) => ({ index: index + middle, reason }));
  return {
    appended: first.appended + second.appended,
    duplicates: first.duplicates + second.duplicates,
    errors: [...first.errors, ...later],
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
