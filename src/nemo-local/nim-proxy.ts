import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import type { ChatAnswer } from './engine/types.js';
import { notFound, parseBody, unprocessable } from './http-error.js';
import type { Platform } from './platform.js';
import { adapterOf, servedModels } from './served-models.js';

/** Clients write null for what they leave out; the models know only absence. */
const withoutNulls = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
    : value;

const given = <T extends z.ZodType>(schema: T) => z.preprocess(withoutNulls, schema);

const Message = given(
  z.looseObject({
    role: z.string(),
    tool_call_id: z.string().exactOptional(),
    name: z.string().exactOptional(),
  }),
);

const Tool = z.object({
  type: z.literal('function').default('function'),
  function: given(
    z.object({
      name: z.string(),
      description: z.string().exactOptional(),
      parameters: z.record(z.string(), z.unknown()).exactOptional(),
    }),
  ),
});

const ChatCompletion = given(
  z.object({
    model: z.string(),
    messages: z.array(Message).min(1),
    tools: z.array(Tool).exactOptional(),
    tool_choice: z.unknown().optional(),
    max_tokens: z.int().positive().exactOptional(),
    stream: z.boolean().exactOptional(),
  }),
);

/** The NIM proxy: an OpenAI-compatible door to all models that are served. */
export function nimProxyRoutes(platform: Platform): Router {
  return Router()
    .get('/v1/health/ready', (_req, res) => void res.json({ object: 'health.response', message: 'ready' }))
    .get('/v1/models', (_req, res) => {
      const data = servedModels(platform).map(({ id, created, base, adapterOf: adapter }) => ({
        id,
        object: 'model',
        created,
        owned_by: 'nemo-local',
        root: base.name,
        parent: adapter === null ? null : base.name,
      }));
      res.json({ object: 'list', data });
    })
    .post('/v1/chat/completions', (req, res) => {
      const { stream, ...request } = parseBody(ChatCompletion, req.body);
      if (stream)
        throw unprocessable(['body', 'stream'], 'nemo-local does not stream yet: send stream false');
      const served = servedModels(platform).find(({ id }) => id === request.model);
      if (!served) throw notFound(`model ${request.model}`);
      const answer = request.model.includes('nonsense')
        ? NONSENSE
        : platform.engine.answer(request, served.base, adapterOf(platform, served));
      res.json(toCompletion(request.model, answer));
    });
}

/** What a judge named so on purpose says: prose without any rating. */
const NONSENSE: ChatAnswer = {
  content: 'What a lovely day to be asked for an opinion. The answer has its moments, as answers do.',
  toolCalls: [],
  promptTokens: 0,
  completionTokens: 20,
};

function toCompletion(model: string, { content, toolCalls, promptTokens, completionTokens }: ChatAnswer) {
  const calls = toolCalls.length > 0;
  return {
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, ...(calls && { tool_calls: toolCalls }) },
        finish_reason: calls ? 'tool_calls' : 'stop',
        logprobs: null,
      },
    ],
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: completionTokens,
      total_tokens: promptTokens + completionTokens,
    },
  };
}
