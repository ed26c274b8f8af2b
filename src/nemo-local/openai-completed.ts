import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Sampling } from './chat-request.js';
import { complete, type Completed, type Question } from './completions.js';
import { noCompletion } from './openai-errors.js';
import { completionIn } from './openai-relay.js';
import { closedSignal, openAiBody, openAiModelOf } from './openai-routes.js';
import type { Platform } from './platform.js';

/** The whole answer of whoever answers for the model: guardrails must read it before a caller does. */
export async function completeGuarded(
  platform: Platform,
  sampling: Sampling,
  question: Question,
  { req, res }: { req: Request; res: Response },
): Promise<Completed> {
  const behind = openAiModelOf(platform, sampling.model);
  if (!behind) return complete(platform, sampling, [question]);
  const body = {
    ...openAiBody(Body.parse(req.body), behind.model),
    stream: false,
    stream_options: undefined,
  };
  const path = req.path.replace('/v1/guardrail', '');
  const answer = await behind.server.post(path, body, closedSignal(res));
  const { data: completed } = Answer.safeParse(await completionIn(answer));
  if (!completed) throw noCompletion(answer.asked);
  return completed;
}

const Body = z.record(z.string(), z.unknown());

const Call = z.object({
  id: z.string().default(''),
  type: z.literal('function').catch('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

/** What both kinds of completions have in common, as far as a guarded answer is passed on. */
const Choice = z
  .object({
    message: z.object({ content: z.string().nullish(), tool_calls: z.array(Call).nullish() }).optional(),
    text: z.string().optional(),
    finish_reason: z.enum(['stop', 'length', 'tool_calls']).catch('stop'),
  })
  .transform(({ message, text, finish_reason }) => ({
    content: message ? (message.content ?? null) : (text ?? null),
    toolCalls: message?.tool_calls ?? [],
    finishReason: finish_reason,
  }));

const tokens = z.int().catch(0);
const Answer = z.object({
  choices: z.array(Choice),
  usage: z
    .object({ prompt_tokens: tokens, completion_tokens: tokens, total_tokens: tokens })
    .catch({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }),
});
