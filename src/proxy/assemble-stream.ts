import { parseMarked } from '../records/long-numbers.js';
import type { Fields } from '../records/canonical-message.js';
import { fieldsOf, listOf } from './fields.js';
import { addChoice, type StreamedChoice, toChoice } from './streamed-choice.js';
import { serverSentEvents } from './server-sent-events.js';

/** What a stream of a chat completion said. */
export interface Assembled {
  /** The completion as it would have been without streaming. */
  completion: Fields;
  /** `failed`: it told of an error; `open`: it ended before its answer did. */
  end: 'whole' | 'failed' | 'open';
}

const DONE = '[DONE]';
/** Of the chunks; whatever else they say of the whole is the completion's, too. */
const OF_CHUNK = new Set(['object', 'choices', 'usage']);

/**
 * Puts the chunks of a stream together. Throws a SyntaxError where one is no JSON.
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function assembleStream(stream: string): Assembled {
  const completion: Fields = { object: 'chat.completion' };
  const choices = new Map<number, StreamedChoice>();
  let isDone = false;
  for (const { type, data } of serverSentEvents(stream)) {
    if (data === DONE) {
      isDone = true;
      break;
    }
    const chunk = fieldsOf(parseMarked(data));
    if (type === 'error' || (chunk['error'] ?? null) !== null) return { completion, end: 'failed' };
    for (const [key, value] of Object.entries(chunk)) if (!OF_CHUNK.has(key)) completion[key] = value;
    if ((chunk['usage'] ?? null) !== null) completion['usage'] = chunk['usage'];
    for (const choice of listOf(chunk['choices'])) addChoice(choices, fieldsOf(choice));
  }
  const ordered = [...choices.values()].sort((a, b) => a.index - b.index);
  completion['choices'] = ordered.map(toChoice);
  const isFinished = ordered.length > 0 && ordered.every(({ finishReason }) => finishReason !== null);
  return { completion, end: isFinished || (isDone && ordered.length > 0) ? 'whole' : 'open' };
}
