import { createHash } from 'node:crypto';
import { toMessages } from '../chat/message.js';
import { toTools } from '../chat/tool.js';
import type { Format, ReadContext, Reading } from '../format.js';
import { toReading } from '../model-call.js';
import { namesOf, sessionOf } from '../names.js';
import { asFields, asList, type Fields, unpacked } from '../values.js';

/**
 * Examples of OpenAI's supervised fine-tuning: `{messages, tools}`. Each message of the assistant is an answer to those
 * before it, so that one example is as many records; with `weight: 0` it is only history.
 * https://platform.openai.com/docs/guides/supervised-fine-tuning
 */
export const openaiFineTuning: Format = {
  name: 'openai-fine-tuning',
  title: 'OpenAI fine-tuning examples',
  recognises: ({ messages, request, response }) =>
    Array.isArray(unpacked(messages)) && request === undefined && response === undefined,
  read(item, context) {
    const turns = asList(unpacked(item['messages'])).map((given) => ({ given, read: toMessages(given) }));
    const messages = turns.flatMap(({ read }) => read);
    const answers = turns
      .filter(({ given }) => asFields(given)['weight'] !== 0)
      .flatMap(({ read }) => read.filter(({ role }) => role === 'assistant'));
    if (answers.length === 0) return [{ rejected: 'no message of the assistant is there to be learned' }];
    return answers.map((answer, turn) =>
      oneAnswer(item, messages.slice(0, messages.indexOf(answer)), answer, {
        ...context,
        fallbackMs: context.fallbackMs + turn,
      }),
    );
  },
};

function oneAnswer(item: Fields, messages: Fields[], answer: Fields, context: ReadContext): Reading {
  const metadata = asFields(unpacked(item['metadata']));
  return toReading({
    names: namesOf([item, metadata], context.names),
    timestamp: context.fallbackMs,
    session: sessionOf(item, metadata) ?? example(item),
    parameters: {
      tools: toTools(item['tools'] ?? item['functions']),
      parallel_tool_calls: item['parallel_tool_calls'],
    },
    messages,
    answer: { message: answer, finishReason: undefined },
  });
}

/** A name by which the records of one example are known to belong together. */
const example = ({ messages, tools }: Fields): string =>
  createHash('sha256')
    .update(JSON.stringify([messages, tools]))
    .digest('hex')
    .slice(0, 16);
