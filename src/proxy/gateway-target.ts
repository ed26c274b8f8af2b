import { request } from 'undici';
import { z } from 'zod';
import { type AppendError, CLIENT_NOT_OF_KEY } from '../stores/log-store.js';
import { Lines } from './lines.js';
import type { Delivered, Target } from './target.js';

const Kept = z.object({
  appended: z.number(),
  duplicates: z.number(),
  errors: z.array(z.object({ index: z.number(), reason: z.string(), code: z.string().optional() })),
});
const Problem = z.object({ detail: z.union([z.string(), z.array(z.unknown())]) });
/** Of a body that cannot be read to its end, a gateway says also what it has kept: other servers have a `detail`, too. */
const Refusal = Problem.extend(Kept.shape);

const ANSWER_MS = 60_000;
/** What is in the body is at fault. */
const UNREADABLE = new Set([400, 413, 422]);
const FOREIGN = ' (a gateway says it otherwise: check its address, and what stands before it)';

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
      body: lines.bytes,
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch((error: unknown) => {
      throw new Error(`No gateway answers at ${address} (${reasonOf(error)}).`, { cause: error });
    });
    const text = await answer.body.text();
    const { statusCode: status } = answer;
    const kept = status === 200 ? saidIn(Kept, text) : null;
    if (kept) return delivered(kept);
    const isRefused = UNREADABLE.has(status) && saidIn(Refusal, text) !== null;
    // One record must not keep the others for ever; a server in between may take fewer at once.
    if ((isRefused || status === 413) && lines.count > 1) return await inHalves(lines, append);
    const reason = `${address} answered ${status}: ${detailOf(text)}`;
    if (isRefused) return { ...NOTHING, errors: [{ index: 0, reason }] };
    // Whatever else is said, also by somebody else, is no reason to throw records away; one that is too long for whoever stands
    // before the gateway is none to keep the others.
    if (status === 413) return { ...NOTHING, notTaken: [{ index: 0, reason: reason + FOREIGN }] };
    throw new Error(status === 200 || UNREADABLE.has(status) ? `${reason}${FOREIGN}` : reason);
  };
  return { append, close: () => Promise.resolve() };
}

const NOTHING: Delivered = { appended: 0, duplicates: 0, errors: [], notTaken: [] };

function delivered({ appended, duplicates, errors }: z.output<typeof Kept>): Delivered {
  const all: Delivered = { appended, duplicates, errors: [], notTaken: [] };
  for (const { code, ...error } of errors)
    (code === CLIENT_NOT_OF_KEY ? all.notTaken : all.errors).push(error);
  return all;
}

async function inHalves({ texts }: Lines, append: Target['append']): Promise<Delivered> {
  const middle = Math.ceil(texts.length / 2);
  const first = await append(Lines.of(texts.slice(0, middle)));
  const second = await append(Lines.of(texts.slice(middle)));
  const later = (errors: AppendError[]) =>
    errors.map(({ index, reason }) => ({ index: index + middle, reason }));
  return {
    appended: first.appended + second.appended,
    duplicates: first.duplicates + second.duplicates,
    errors: [...first.errors, ...later(second.errors)],
    notTaken: [...first.notTaken, ...later(second.notTaken)],
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

function detailOf(text: string): string {
  const detail = saidIn(Problem, text)?.detail;
  if (detail === undefined) return text.slice(0, 300);
  return typeof detail === 'string' ? detail : JSON.stringify(detail);
}

/** null: it is said otherwise. */
function saidIn<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
