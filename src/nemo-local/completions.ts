import { createHash } from 'node:crypto';
import type { Sampling } from './chat-request.js';
import type { ChatAnswer, ChatMessage, ChatRequest, ToolCall } from './engine/types.js';
import { NONSENSE_FAULT } from './fault-schema.js';
import { notFound } from './http-error.js';
import type { Platform } from './platform.js';
import { adapterOf, servedModels } from './served-models.js';
import { isClassifier } from './classify.js';

/** What a model said to one prompt. */
export interface Choice {
  content: string | null;
  toolCalls: ToolCall[];
  finishReason: 'stop' | 'length' | 'tool_calls';
}

export interface Usage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

export interface Completed {
  choices: Choice[];
  usage: Usage;
  /** Of a guarded completion: what guarded it. */
  guardrails_data?: { config_ids: string[] };
}

export type Question = Pick<ChatRequest, 'messages' | 'tools' | 'tool_choice'>;

/** Asks a served model each question, and `n` times over: the models do not sample, so those answers are alike. */
export function complete(platform: Platform, sampling: Sampling, questions: Question[]): Completed {
  const { model, n, max_tokens } = sampling;
  const served = servedModels(platform).find(({ id }) => id === model);
  if (!served || platform.catalog.isEmbedding(model) || isClassifier(model)) throw notFound(`model ${model}`);
  const adapter = adapterOf(platform, served);
  const isNonsense = model.includes(NONSENSE_FAULT.match);
  if (isNonsense) platform.faults.noteNonsense(model);
  const answers = questions.map((question) => {
    if (isNonsense) return NONSENSE;
    const limit = max_tokens === undefined ? {} : { max_tokens };
    return platform.engine.answer({ ...question, model, ...limit }, served.base, adapter);
  });
  const choices = answers.flatMap((answer) => Array.from({ length: n }, () => toChoice(answer, sampling)));
  const sum = (count: (answer: ChatAnswer) => number) => answers.reduce((all, one) => all + count(one), 0);
  const prompt_tokens = sum(({ promptTokens }) => promptTokens);
  const completion_tokens = n * sum(({ completionTokens }) => completionTokens);
  return {
    choices,
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  };
}

/** A text prompt is answered as if a user had said it. */
export const asMessages = (prompt: string): ChatMessage[] => [{ role: 'user', content: prompt }];

/** What a judge named so on purpose says: prose without any rating. */
const NONSENSE: ChatAnswer = {
  content: 'What a lovely day to be asked for an opinion. The answer has its moments, as answers do.',
  toolCalls: [],
  promptTokens: 0,
  completionTokens: 20,
};

function toChoice(answer: ChatAnswer, { max_tokens, stop }: Sampling): Choice {
  const toolCalls = answer.toolCalls.map((call) => ({ ...call, id: callId(call.id) }));
  if (toolCalls.length > 0) return { content: answer.content, toolCalls, finishReason: 'tool_calls' };
  const content = answer.content ?? '';
  const ends = stop.map((text) => content.indexOf(text)).filter((index) => index >= 0);
  if (ends.length > 0)
    return { content: content.slice(0, Math.min(...ends)), toolCalls, finishReason: 'stop' };
  // A model that had more to say has filled its limit to the last token.
  const isCut = max_tokens !== undefined && answer.completionTokens >= max_tokens && content !== '';
  return { content, toolCalls, finishReason: isCut ? 'length' : 'stop' };
}

/** The form of a NIM's call ids; the same call has the same one. */
const callId = (id: string) => `chatcmpl-tool-${createHash('sha256').update(id).digest('hex').slice(0, 32)}`;
