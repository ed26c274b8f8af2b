import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { Sampling } from './chat-request.js';
import type { Choice, Completed, Usage } from './completions.js';

/** Chat and text completions differ in the names of things alone. */
interface Form {
  idPrefix: string;
  object: string;
  chunkObject: string;
  toChoice(choice: Choice, index: number): object;
  /** The parts that a stream sends of one choice, in order. */
  toDeltas(choice: Choice): object[];
}

const CHAT: Form = {
  idPrefix: 'chatcmpl',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  toChoice: ({ content, toolCalls, finishReason }, index) => ({
    index,
    message: { role: 'assistant', content, ...(toolCalls.length > 0 && { tool_calls: toolCalls }) },
    finish_reason: finishReason,
    logprobs: null,
  }),
  toDeltas: ({ content, toolCalls }) => [
    { delta: { role: 'assistant', content: content === null ? null : '' } },
    ...pieces(content ?? '').map((piece) => ({ delta: { content: piece } })),
    ...toolCalls.flatMap(({ id, type, function: { name, arguments: json } }, index) => [
      { delta: { tool_calls: [{ index, id, type, function: { name, arguments: '' } }] } },
      ...pieces(json).map((piece) => ({
        delta: { tool_calls: [{ index, function: { arguments: piece } }] },
      })),
    ]),
  ],
};

const TEXT: Form = {
  idPrefix: 'cmpl',
  object: 'text_completion',
  chunkObject: 'text_completion',
  toChoice: ({ content, finishReason }, index) => ({
    index,
    text: content ?? '',
    finish_reason: finishReason,
    logprobs: null,
  }),
  toDeltas: ({ content }) => pieces(content ?? '').map((piece) => ({ text: piece })),
};

export const sendChat = (res: Response, sampling: Sampling, completed: Completed): void =>
  send(res, CHAT, sampling, completed);

export const sendText = (res: Response, sampling: Sampling, completed: Completed): void =>
  send(res, TEXT, sampling, completed);

function send(res: Response, form: Form, sampling: Sampling, { choices, usage, ...rest }: Completed): void {
  const id = `${form.idPrefix}-${randomUUID().replaceAll('-', '')}`;
  const head = { id, created: Math.floor(Date.now() / 1000), model: sampling.model };
  if (!sampling.stream)
    return void res.json({
      ...head,
      object: form.object,
      choices: choices.map(form.toChoice),
      usage,
      ...rest,
    });
  // Callers ask for a stream in the body alone; what they accept says nothing.
  res.set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache' });
  const include = sampling.stream_options?.include_usage ?? false;
  for (const chunk of chunksOf(form, choices, include ? usage : null))
    res.write(`data: ${JSON.stringify({ ...head, object: form.chunkObject, ...chunk })}\n\n`);
  res.end('data: [DONE]\n\n');
}

/** Each choice's deltas and its end; the usage, if wanted, in a last chunk without choices. */
function chunksOf(form: Form, choices: Choice[], usage: Usage | null): object[] {
  const ending = form === CHAT ? { delta: {} } : { text: '' };
  const parts = choices.flatMap((choice, index) => [
    ...form.toDeltas(choice).map((delta) => ({ index, ...delta, finish_reason: null, logprobs: null })),
    { index, ...ending, finish_reason: choice.finishReason, logprobs: null },
  ]);
  const chunks = parts.map((choice) => ({ choices: [choice] }));
  return usage ? [...chunks, { choices: [], usage }] : chunks;
}

/** Words with the space before them, as a model's tokens fall. */
const pieces = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [];
