import { type Answer, toAnswer } from '../../chat/answer.js';
import { toMessageList, toMessages } from '../../chat/message.js';
import { asFields, defined, type Fields, firstOf, isFields, isText, unpacked } from '../../values.js';
import { anyValue, attributesOf, type Entry } from './otlp.js';

/** An event of a call: `gen_ai.user.message`, `gen_ai.choice` and so on, with its content. */
export interface CallEvent {
  name: string;
  body: Fields;
}

/** What the events of one call tell. */
export interface EventMessages {
  messages: Fields[];
  answer: Answer | null;
}

/**
 * Messages of the events that were the convention up to v1.36 (`gen_ai.*.message`, `gen_ai.choice`) and, before them, of
 * `gen_ai.content.prompt` and `gen_ai.content.completion`.
 * https://github.com/open-telemetry/semantic-conventions/blob/v1.36.0/docs/gen-ai/gen-ai-events.md
 */
export function fromEvents(events: CallEvent[]): EventMessages {
  const choice = events.find(({ name }) => name === 'gen_ai.choice');
  const prompt = contentOf(events, 'prompt');
  return {
    messages: prompt === undefined ? events.flatMap(messageOf) : toMessageList(prompt),
    answer: choice ? choiceOf(choice.body) : toAnswer(contentOf(events, 'completion')),
  };
}

/** Events on a span: what they tell is among their attributes, in places as JSON. */
export const spanEvents = (span: Fields): CallEvent[] =>
  asEvents(span['events']).map((event) => {
    const attributes = attributesOf(event['attributes']);
    const content = asFields(unpacked(attributes['gen_ai.event.content']));
    return { name: isText(event['name']) ? event['name'] : '', body: { ...attributes, ...content } };
  });

/** An event that is a log record: what it tells is its body. */
export function logEvent({ fields, attributes }: Entry): CallEvent | null {
  const name = firstOf({ ...attributes, eventName: fields['eventName'] }, 'eventName', 'event.name');
  if (!isText(name) || !name.startsWith('gen_ai.')) return null;
  return { name, body: { ...attributes, ...asFields(unpacked(anyValue(fields['body']))) } };
}

const asEvents = (value: unknown): Fields[] => (Array.isArray(value) ? value : []).filter(isFields);

const contentOf = (events: CallEvent[], kind: 'prompt' | 'completion'): unknown => {
  const event = events.find(({ name }) => name === `gen_ai.content.${kind}`);
  return unpacked(event?.body[`gen_ai.${kind}`]);
};

/** The role is in the name, and repeated in the body only where it is another. */
function messageOf({ name, body }: CallEvent): Fields[] {
  const [, role] = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(name) ?? [];
  if (role === undefined) return [];
  return toMessages({ role, ...withParsed(body), ...(role === 'tool' ? { tool_call_id: body['id'] } : {}) });
}

function choiceOf(body: Fields): Answer | null {
  const message = unpacked(body['message']);
  const answer = toAnswer(
    isFields(message) ? { role: 'assistant', ...withParsed(message) } : withParsed(body),
  );
  return answer && { ...answer, finishReason: firstOf(body, 'finish_reason') ?? answer.finishReason };
}

/** As attributes hold texts only, calls may be JSON there. */
const withParsed = (fields: Fields): Fields =>
  defined({ ...fields, tool_calls: unpacked(fields['tool_calls']) });
