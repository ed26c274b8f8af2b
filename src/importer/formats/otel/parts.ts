import type { Answer } from '../../chat/answer.js';
import { asFields, asList, asText, defined, type Fields, isFields, isText, unpacked } from '../../values.js';

/**
 * Messages of `gen_ai.input.messages`: a role with parts. A message of several tool results becomes as many.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-input-messages.json
 */
export const fromInputMessages = (value: unknown): Fields[] =>
  asList(unpacked(value)).map(asFields).flatMap(fromParts);

/** `gen_ai.system_instructions`: parts without a message around them. */
export function fromInstructions(value: unknown): Fields[] {
  const content = contentOf(asList(unpacked(value)).map(asFields));
  return content === null ? [] : [{ role: 'system', content }];
}

/** The first of `gen_ai.output.messages`, of which each is one choice. */
export function fromOutputMessages(value: unknown): Answer | null {
  const [first] = asList(unpacked(value)).filter(isFields);
  const message = first && fromParts({ ...first, role: 'assistant' })[0];
  return message ? { message, finishReason: first['finish_reason'] } : null;
}

function fromParts({ role, name, parts, content }: Fields): Fields[] {
  if (!isText(role)) return [];
  const given = asList(parts).map(asFields);
  const results = given.filter(({ type }) => type === 'tool_call_response').map(toolMessage);
  const calls = given.filter(({ type }) => type === 'tool_call').map(toolCall);
  // Some instrumentations write the content beside the role, as OpenAI does.
  const said = contentOf(given) ?? (Array.isArray(parts) ? null : (content ?? null));
  if (results.length > 0 && calls.length === 0 && said === null) return results;
  const message = { role, content: said, ...defined({ name }) };
  return [...results, calls.length > 0 ? { ...message, tool_calls: calls } : message];
}

const toolCall = (part: Fields): Fields =>
  defined({
    id: part['id'],
    type: 'function',
    function: defined({ name: part['name'], arguments: asText(part['arguments'] ?? {}) }),
  });

/** Older versions of the convention have `result`. */
const toolMessage = ({ id, response, result }: Fields): Fields =>
  defined({ role: 'tool', tool_call_id: id, content: asText(response ?? result ?? '') });

/** Text alone as a text; with images and the like, as a list of parts. What the model only thought is not said. */
function contentOf(parts: Fields[]): unknown {
  const said = parts.filter(({ type }) => !NOT_SAID.has(type));
  if (said.length === 0) return null;
  if (said.every(({ type }) => type === 'text')) return said.map(({ content }) => asText(content)).join('');
  return said.map((part) => (part['type'] === 'text' ? { type: 'text', text: part['content'] } : part));
}

const NOT_SAID = new Set<unknown>(['tool_call', 'tool_call_response', 'reasoning']);
