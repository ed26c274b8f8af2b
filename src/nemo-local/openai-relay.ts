import { once } from 'node:events';
import type { Response } from 'express';
import { z } from 'zod';
import { noAnswer, noCompletion } from './openai-errors.js';
import { parsedJson } from './openai-json.js';
import type { OpenAiAnswer } from './openai-server.js';

/** Whatever names a model. */
export const WithModel = z.looseObject({ model: z.string() });

/** Passes a success on as it is, whole or as a stream, but for the model's name: callers read the one they asked for. */
export async function relay(
  res: Response,
  answer: OpenAiAnswer,
  model: string,
  signal: AbortSignal,
): Promise<void> {
  if (answer.contentType.startsWith('text/event-stream')) return relayStream(res, answer, model, signal);
  res.json({ ...(await completionIn(answer)), model });
}

/** The JSON of a completion that is whole. Throws a 502 when it is none, a 504 when it does not come. */
export async function completionIn({ asked, body }: OpenAiAnswer) {
  const text = await body.text().catch((error: unknown) => {
    throw noAnswer(asked, error);
  });
  const { data } = Completion.safeParse(parsedJson(text));
  if (!data) throw noCompletion(asked);
  return data;
}

const Completion = z.looseObject({ choices: z.array(z.unknown()) });

async function relayStream(
  res: Response,
  { asked, body }: OpenAiAnswer,
  model: string,
  signal: AbortSignal,
): Promise<void> {
  res.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache' });
  res.flushHeaders();
  try {
    for await (const line of linesOf(body))
      if (!res.write(`${renamed(line, model)}\n`)) await once(res, 'drain', { signal });
  } catch (error) {
    signal.throwIfAborted();
    // The status is gone; libraries of OpenAI read an error among the events.
    const { status, message } = noAnswer(asked, error);
    res.write(`data: ${JSON.stringify({ error: { message, type: 'upstream_error', code: status } })}\n\n`);
  }
  res.end();
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun = '';
  for await (const chunk of body) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
  }
  if (begun !== '') yield begun;
}

const DATA = /^data: ?(\{.*\})\r?$/;

function renamed(line: string, model: string): string {
  const { data: chunk } = WithModel.safeParse(parsedJson(DATA.exec(line)?.[1] ?? ''));
  return chunk ? `data: ${JSON.stringify({ ...chunk, model })}` : line;
}
