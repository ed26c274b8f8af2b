import { Router } from 'express';
import { z } from 'zod';
import { ChatCompletionRequest, CompletionRequest } from './chat-request.js';
import { sendChat, sendText } from './completion-wire.js';
import { asMessages, type Completed, type Question } from './completions.js';
import { readText } from './engine/turn.js';
import { completeGuarded } from './openai-completed.js';
import { plainEntityRoutes } from './plain-entities.js';
import { addBuiltInConfigs } from './guardrail-builtins.js';
import { dataOf, GuardrailOptions, NewGuardrailConfig, type ConfigData } from './guardrail-config.js';
import { notFound, parseBody } from './http-error.js';
import type { Platform } from './platform.js';
import { applyRails, type RailStatus } from './rails.js';
import { servedModels } from './served-models.js';

const Guarded = z.looseObject({ guardrails: GuardrailOptions.nullish() });

/** What NeMo Guardrails says instead of a blocked answer. */
const REFUSAL = "I'm sorry, I can't respond to that.";

/** Guardrails: stored configurations, checks of messages, and chat that is checked before and after the model. */
export function guardrailRoutes(platform: Platform): Router {
  addBuiltInConfigs(platform.guardrailConfigs);
  return Router()
    .use(
      plainEntityRoutes({
        title: 'guardrail config',
        idPrefix: 'guardrail',
        path: '/v1/guardrail/configs',
        entities: platform.guardrailConfigs,
        schema: NewGuardrailConfig,
        defaults: {
          description: null,
          project: null,
          custom_fields: {},
          ownership: null,
          schema_version: '1.0',
        },
      }),
    )
    .get('/v1/guardrail/models', (_req, res) => {
      const data = servedModels(platform).map(({ id, created }) => ({
        id,
        object: 'model',
        created,
        owned_by: 'nemo-local',
      }));
      res.json({ object: 'list', data });
    })
    .post('/v1/guardrail/checks', (req, res) => {
      const { messages } = parseBody(ChatCompletionRequest, req.body);
      const { configs, ids } = configsOf(platform, req.body);
      const last = messages.at(-1);
      const side = last?.role === 'assistant' ? 'output' : 'input';
      const rails = check(side, configs, readText(last?.content));
      const rails_status = Object.fromEntries(
        Object.entries(rails).map(([flow, status]) => [flow, { status }]),
      );
      const status = isBlocked(rails) ? 'blocked' : 'success';
      res.json({ status, rails_status, guardrails_data: { config_ids: ids } });
    })
    .post('/v1/guardrail/chat/completions', async (req, res) => {
      const { messages, tools, tool_choice, ...sampling } = parseBody(ChatCompletionRequest, req.body);
      const question = { messages, ...(tools && { tools }), ...(tool_choice && { tool_choice }) };
      const ask = () => completeGuarded(platform, sampling, question, { req, res });
      sendChat(res, sampling, await guarded(platform, question, req.body, ask));
    })
    .post('/v1/guardrail/completions', async (req, res) => {
      const { prompt, ...sampling } = parseBody(CompletionRequest, req.body);
      const question = { messages: asMessages(prompt.join('\n')) };
      const ask = () => completeGuarded(platform, sampling, question, { req, res });
      sendText(res, sampling, await guarded(platform, question, req.body, ask));
    });
}

/** A blocked question is not put to the model, and a blocked answer is not passed on. */
async function guarded(
  platform: Platform,
  question: Question,
  body: unknown,
  ask: () => Promise<Completed>,
): Promise<Completed> {
  const { configs, ids } = configsOf(platform, body);
  const guardrails_data = { config_ids: ids };
  const asked = question.messages.findLast(({ role }) => role === 'user');
  const refused = { content: REFUSAL, toolCalls: [], finishReason: 'stop' as const };
  if (isBlocked(check('input', configs, readText(asked?.content)))) {
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    return { choices: [refused], usage, guardrails_data };
  }
  const { choices, usage } = await ask();
  const passed = choices.map((choice) =>
    isBlocked(check('output', configs, choice.content ?? '')) ? refused : choice,
  );
  return { choices: passed, usage, guardrails_data };
}

const isBlocked = (rails: Record<string, RailStatus>) => Object.values(rails).includes('blocked');

const check = (side: 'input' | 'output', configs: ConfigData[], text: string): Record<string, RailStatus> =>
  Object.assign({}, ...configs.map((config) => applyRails(side, config, text)));

function configsOf(platform: Platform, body: unknown): { configs: ConfigData[]; ids: string[] } {
  const { guardrails } = parseBody(Guarded, body);
  const { config_id, config_ids, config } = guardrails ?? {};
  const ids = config_ids ?? (config_id ? [config_id] : []);
  const stored = ids.map((id) => {
    const found = platform.guardrailConfigs.get(id.includes('/') ? id : `default/${id}`);
    if (!found) throw notFound(`guardrail config ${id}`);
    return dataOf(found);
  });
  return { configs: config ? [...stored, config] : stored, ids };
}
