import { answerChat } from './answer.js';
import { readBaseModel } from './capacity.js';
import { judge } from './judge.js';
import { train } from './training.js';
import type { ChatAnswer, Engine } from './types.js';

/** Creates the tiny models that stand behind nemo-local's model names. */
export function createEngine(): Engine {
  return {
    baseModel: readBaseModel,
    train,
    answer(request, model, adapter) {
      const answer = model.isJudge ? judge(request) : answerChat(request, model, adapter);
      const limited = limitLength(answer, request.max_tokens);
      const prompt = JSON.stringify([request.messages, request.tools ?? []]);
      return {
        ...limited,
        promptTokens: estimateTokens(prompt),
        completionTokens: estimateTokens(textOf(limited)),
      };
    },
  };
}

/** Four characters a token: within a fifth of a tokenizer's count on English and JSON, at no cost. */
const CHARACTERS_PER_TOKEN = 4;

/** All that the model wrote. */
const textOf = ({ content, toolCalls }: Pick<ChatAnswer, 'content' | 'toolCalls'>): string =>
  (content ?? '') + (toolCalls.length > 0 ? JSON.stringify(toolCalls) : '');

function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

function limitLength<A extends Pick<ChatAnswer, 'content'>>(answer: A, maxTokens: number | undefined): A {
  if (maxTokens === undefined || answer.content === null) return answer;
  return { ...answer, content: answer.content.slice(0, maxTokens * CHARACTERS_PER_TOKEN) };
}
