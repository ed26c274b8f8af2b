import { toAnswer } from '../chat/answer.js';
import { toMessageList } from '../chat/message.js';
import { toTools } from '../chat/tool.js';
import type { Format } from '../format.js';
import { toReading } from '../model-call.js';
import { namesOf, sessionOf } from '../names.js';
import { asFields, type Fields, firstOf, isFields, unpacked } from '../values.js';

/**
 * A request to OpenAI's chat completions beside its response, as proxies and wrappers log them:
 * `{request, response}`, where each may be the object, its JSON as a text, or an HTTP message with that in its `body`.
 * https://platform.openai.com/docs/api-reference/chat
 */
export const openaiPair: Format = {
  name: 'openai-pair',
  title: 'OpenAI chat-completions requests with responses',
  recognises: ({ request, response }) => isPacked(request) && isPacked(response),
  read(item, { names, fallbackMs }) {
    const { messages, tools, functions, ...request } = body(item['request']);
    const { choices, ...response } = body(item['response']);
    const places = [item, asFields(unpacked(item['metadata'])), asFields(request['metadata'])];
    const reading = toReading({
      names: namesOf(places, names),
      timestamp: timeOf(item) ?? response['created'] ?? fallbackMs,
      session: sessionOf(...places),
      parameters: { ...request, tools: toTools(tools ?? functions) },
      messages: toMessageList(messages),
      answer: toAnswer(Array.isArray(choices) ? { choices } : null),
      response,
    });
    return [reading];
  },
};

const timeOf = (item: Fields): unknown => firstOf(item, 'timestamp', 'created_at', 'start_time', 'startTime');

const isPacked = (value: unknown): boolean => isFields(unpacked(value));

function body(value: unknown): Fields {
  const fields = asFields(unpacked(value));
  const inner = unpacked(fields['body']);
  return isFields(inner) ? inner : fields;
}
