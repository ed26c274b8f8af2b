import { asList, asText, defined, type Fields, isFields, isText } from '../values.js';

/**
 * The tool calls of a message as OpenAI's chat completions have them; undefined where it has none. Reads theirs and their
 * former `function_call`, LangChain's (`name`, `args`), the same inside `additional_kwargs`, and Anthropic's blocks.
 */
export function toToolCalls(message: Fields): unknown[] | undefined {
  const extra = isFields(message['additional_kwargs']) ? message['additional_kwargs'] : {};
  const former = [message['function_call'], extra['function_call']].filter(isFields);
  const blocks = asList(message['content']).filter(isCallBlock);
  const given = [message['tool_calls'], extra['tool_calls'], former, blocks].map(asList);
  return given.find((calls) => calls.length > 0)?.map(toToolCall);
}

/** A part of a message's content that is a tool call, as Anthropic has it; LangChain repeats it in `tool_calls`. */
export const isCallBlock = (part: unknown): boolean =>
  isFields(part) && (part['type'] === 'tool_use' || part['type'] === 'tool_call');

/** What is no call in a known shape stays as it is, for the reader of records to name. */
function toToolCall(call: unknown): unknown {
  if (!isFields(call)) return call;
  if (isFields(call['function'])) return defined({ id: call['id'], type: 'function', ...functionOf(call) });
  if (!isText(call['name'])) return call;
  const given = call['args'] ?? call['arguments'] ?? call['input'] ?? {};
  return defined({
    id: call['id'],
    type: 'function',
    function: { name: call['name'], arguments: asText(given) },
  });
}

const functionOf = ({ type, function: called }: Fields): Fields => defined({ type, function: called });
