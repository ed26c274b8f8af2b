import { Router } from 'express';
import { ChatCompletionRequest, CompletionRequest } from './chat-request.js';
import { classify } from './classify.js';
import { sendChat, sendText } from './completion-wire.js';
import { asMessages, complete } from './completions.js';
import { dimensionsOf, embed, EmbeddingRequest, toBase64 } from './embeddings.js';
import { notFound, parseBody } from './http-error.js';
import type { Platform } from './platform.js';
import { servedModels } from './served-models.js';

/** The NIM proxy: an OpenAI-compatible door to all models that are served. */
export function nimProxyRoutes(platform: Platform): Router {
  return Router()
    .get(['/v1/health/ready', '/v1/health/live'], (_req, res) => {
      res.json({ object: 'health.response', message: 'ready', status: 'ready' });
    })
    .get('/v1/models', (_req, res) => void res.json({ object: 'list', data: listed(platform) }))
    .post('/v1/chat/completions', (req, res) => {
      const { messages, tools, tool_choice, max_completion_tokens, ...rest } = parseBody(
        ChatCompletionRequest,
        req.body,
      );
      const limit = rest.max_tokens ?? max_completion_tokens;
      const sampling = { ...rest, ...(limit !== undefined && { max_tokens: limit }) };
      const question = { messages, ...(tools && { tools }), ...(tool_choice && { tool_choice }) };
      sendChat(res, sampling, complete(platform, sampling, [question]));
    })
    .post('/v1/completions', (req, res) => {
      const { prompt, echo, ...sampling } = parseBody(CompletionRequest, req.body);
      const questions = prompt.map((text) => ({ messages: asMessages(text) }));
      const { choices, usage } = complete(platform, sampling, questions);
      const echoed = choices.map((choice, index) => {
        const before = echo ? (prompt[Math.floor(index / sampling.n)] ?? '') : '';
        return { ...choice, content: before + (choice.content ?? '') };
      });
      sendText(res, sampling, { choices: echoed, usage });
    })
    .post('/v1/classify', (req, res) => void res.json(classify(platform, req.body)))
    .post('/v1/embeddings', (req, res) => void res.json(embeddings(platform, req.body)));
}

const listed = (platform: Platform) =>
  servedModels(platform).map(({ id, created, base, adapterOf }) => ({
    id,
    object: 'model',
    created,
    owned_by: 'nemo-local',
    root: base.name,
    parent: adapterOf === null ? null : base.name,
  }));

function embeddings(platform: Platform, body: unknown) {
  const { model, input, dimensions, encoding_format } = parseBody(EmbeddingRequest, body);
  const isServed =
    platform.catalog.isEmbedding(model) && servedModels(platform).some(({ id }) => id === model);
  if (!isServed) throw notFound(`embedding model ${model}`);
  const length = dimensionsOf(model, dimensions);
  const data = input.map((text, index) => {
    const vector = embed(text, length);
    const embedding = encoding_format === 'base64' ? toBase64(vector) : vector;
    return { object: 'embedding', index, embedding };
  });
  const prompt_tokens = input.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
  return { object: 'list', data, model, usage: { prompt_tokens, total_tokens: prompt_tokens } };
}
