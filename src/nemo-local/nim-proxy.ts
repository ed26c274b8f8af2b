import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { z } from 'zod';
import type { ChatAnswer, ChatRequest } from './engine/types.js';
import { notFound, parseBody, unprocessable } from './http-error.js';
import type { Platform } from './platform.js';
import { adapterOf, servedModels } from './served-models.js';

const Message = z
  .looseObject({
    role: z.string(),
    content: z.unknown().optional(),
    tool_calls: z.unknown().optional(),
    tool_call_id: z.string().nullish(),
    name: z.string().nullish(),
  })
  // Clients write null for what they leave out; the models know only absence.
  .transform(({ role, content, tool_calls, tool_call_id, name }) => ({
    role,
    ...(content !== undefined && { content }),
    ...(tool_calls != null && { tool_calls }),
    ...(tool_call_id != null && { tool_call_id }),
    ...(name != null && { name }),
  }));

const Tool = z
  .object({
    type: z.literal('function').default('function'),
    function: z.object({
      name: z.string(),
      description: z.string().nullish(),
      parameters: z.record(z.string(), z.unknown()).nullish(),
    }),
  })
  .transform(({ type, function: { name, description, parameters } }) => ({
    type,
    function: { name, ...(description != null && { description }), ...(parameters != null && { parameters }) },
  }));

const ChatCompletion = z.object({
  model: z.string(),
  messages: z.array(Message).min(1),
  tools: z.array(Tool).nullish(),
  tool_choice: z.unknown().optional(),
  max_tokens: z.number().int().positive().nullish(),
  stream: z.boolean().nullish(),
});

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
      const body = parseBody(ChatCompletion, req.body);
      if (body.stream) throw unprocessable(['body', 'stream'], 'nemo-local does not stream yet: send stream false');
      const served = servedModels(platform).find(({ id }) => id === body.model);
      if (!served) throw notFound(`model ${body.model}`);
      const answer = body.model.includes('nonsense')
        ? NONSENSE
        : platform.engine.answer(toRequest(body), served.base, adapterOf(platform, served));
      res.json(toCompletion(body.model, answer));
    });
}

/** What a judge named so on purpose says: prose without any rating. */
const NONSENSE: ChatAnswer = {
  content: 'What a lovely day to be asked for an opinion. The answer has its moments, as answers do.',
  toolCalls: [],
  promptTokens: 0,
  completionTokens: 20,
};

function toRequest({ model, messages, tools, tool_choice, max_tokens }: z.infer<typeof ChatCompletion>): ChatRequest {
  return {
    model,
    messages,
    ...(tools != null && { tools }),
    ...(tool_choice != null && { tool_choice }),
    ...(max_tokens != null && { max_tokens }),
  };
}

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
