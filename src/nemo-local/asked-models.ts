import { Agent, request } from 'undici';
import { z } from 'zod';
import { messageOf } from '../message-of.js';
import type { EvaluationParams } from './evaluation-config.js';
import type { ModelRef } from './evaluation-metric.js';

export interface AskedModels {
  /** Sends one completion. Rejects with method, URL and status when no usable answer comes. */
  complete(
    kind: CompletionKind,
    model: ModelRef,
    body: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<ChatResult>;
  close(): Promise<void>;
}

export type CompletionKind = 'chat-completion' | 'completion';

export interface ChatResult {
  /** Text of the answer; null when it consists of tool calls alone. */
  outputText: string | null;
  toolCalls: unknown[];
  response: unknown;
  request: Record<string, unknown>;
}

const ChatCompletion = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        message: z.looseObject({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() }),
      }),
    )
    .min(1),
});

const Completion = z.looseObject({ choices: z.array(z.looseObject({ text: z.string() })).min(1) });

/** The models that an evaluation asks: by name through the NIM proxy, by endpoint anywhere else. */
export function openAskedModels(nimUrl: string, params: EvaluationParams): AskedModels {
  const agent = new Agent();
  const timeoutMs = (params.request_timeout ?? 300) * 1000;
  const attempts = 1 + (params.max_retries ?? 0);

  return {
    close: () => agent.destroy(),
    async complete(kind, model, body, signal) {
      const { url, id, key } = endpointOf(nimUrl, kind, model);
      const sent = { model: id, ...body };
      for (let attempt = 1; ; attempt++) {
        // Not AbortSignal.timeout: `any` holds its sources weakly, and that one is gone with the next collection.
        const tooLate = new AbortController();
        const timer = setTimeout(() => tooLate.abort(new Error(`none in ${timeoutMs} ms`)), timeoutMs);
        const answered = request(url, {
          method: 'POST',
          dispatcher: agent,
          headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
          body: JSON.stringify(sent),
          signal: AbortSignal.any([signal, tooLate.signal]),
        });
        const { status, text } = await answered
          .then(async ({ statusCode, body: stream }) => ({ status: statusCode, text: await stream.text() }))
          .catch((error: unknown) => ({ status: 0, text: messageOf(error) }))
          .finally(() => clearTimeout(timer));
        signal.throwIfAborted();
        if (status === 200) return { ...readAnswer(kind, text, url), request: sent };
        const passing = status === 0 || status === 429 || status >= 500;
        if (passing && attempt < attempts) continue;
        throw new Error(
          `POST ${url} ${status === 0 ? 'got no answer' : `answered ${status}`}: ${text.slice(0, 300)}`,
        );
      }
    },
  };
}

const PATHS = { 'chat-completion': '/chat/completions', completion: '/completions' };

function endpointOf(nimUrl: string, kind: CompletionKind, model: ModelRef) {
  if (typeof model === 'string') return { url: `${nimUrl}/v1${PATHS[kind]}`, id: model, key: null };
  const { url, model_id, api_key } = model.api_endpoint;
  // Endpoints are given whole; those of live evaluations only up to the version.
  const whole = /\/v\d+\/?$/.test(url) ? `${url.replace(/\/$/, '')}${PATHS[kind]}` : url;
  return { url: whole, id: model_id, key: api_key ?? null };
}

function readAnswer(kind: CompletionKind, text: string, url: string): Omit<ChatResult, 'request'> {
  const response = parseJson(text, url);
  if (kind === 'completion') {
    const outputText = Completion.safeParse(response).data?.choices[0]?.text;
    if (outputText !== undefined) return { outputText, toolCalls: [], response };
  } else {
    const message = ChatCompletion.safeParse(response).data?.choices[0]?.message;
    if (message)
      return { outputText: message.content ?? null, toolCalls: message.tool_calls ?? [], response };
  }
  throw new Error(`POST ${url} answered 200 without a ${kind}: ${text.slice(0, 300)}`);
}

function parseJson(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`POST ${url} answered 200, but not with JSON: ${text.slice(0, 300)}`);
  }
}
