import { asFields, asList, type Fields, firstOf, isFields, isText, unpacked } from '../values.js';
import { toMessages } from './message.js';

/** No logger wraps an answer deeper. */
const MAX_LEVELS = 6;

export interface Answer {
  message: Fields;
  finishReason: unknown;
}

/**
 * The answer in what a logger kept as a call's output, or null: a chat completion, LangChain's `generations`, an
 * object with `messages`, `message` or `output`, a message alone, or its text.
 */
export function toAnswer(output: unknown, levels = MAX_LEVELS): Answer | null {
  if (isText(output)) return fromText(output, levels);
  if (Array.isArray(output) && levels > 0) return toAnswer(output.at(-1), levels - 1);
  if (!isFields(output) || levels === 0) return null;
  const choice = asList(output['choices']).find((one) => isFields(asFields(one)['message']));
  const generation = asList(output['generations']).flat()[0];
  const inner = choice ?? generation ?? firstOf(output, 'messages', 'message', 'output');
  if (inner !== undefined) return withReason(toAnswer(inner, levels - 1), output);
  return withReason(fromMessage(output), output);
}

const CHAT_KEYS = ['choices', 'generations', 'role', 'tool_calls'];

/** An answer may itself be JSON, which is its text; or the logger has written the whole message as one. */
function fromText(text: string, levels: number): Answer | null {
  const value = unpacked(text);
  const isMessage = isFields(value) && CHAT_KEYS.some((key) => key in value);
  if (isMessage && levels > 0) return toAnswer(value, levels - 1);
  return { message: { role: 'assistant', content: text }, finishReason: undefined };
}

function fromMessage(fields: Fields): Answer | null {
  const hasRole = isText(fields['role']) || isText(fields['type']);
  const [message] = toMessages(hasRole ? fields : { ...fields, role: 'assistant' });
  return message ? { message: { ...message, role: 'assistant' }, finishReason: undefined } : null;
}

const withReason = (answer: Answer | null, place: Fields): Answer | null =>
  answer && { ...answer, finishReason: answer.finishReason ?? reasonIn(place) };

function reasonIn(fields: Fields): unknown {
  const kwargs = asFields(fields['kwargs']);
  const places = [fields, asFields(fields['generation_info'])];
  const metadata = [fields['response_metadata'], kwargs['response_metadata']].map(asFields);
  return [...places, ...metadata]
    .map((place) => firstOf(place, 'finish_reason', 'stop_reason'))
    .find((reason) => reason !== undefined);
}
