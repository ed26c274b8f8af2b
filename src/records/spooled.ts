import { hasText } from './canonical-message.js';
import type { CanonicalRecord, Message, Tool, ToolCall } from './canonical-record.js';
import { argumentsOfTraining, toTrainingMessage, type TrainingRow, type WireMessage } from './rows.js';

/** What a training line does not say of its record; what is the same there is left out here. */
export interface Rest {
  /** Under which name the store keeps it. */
  storedAs: string;
  timestampMs: number;
  toolChoice?: unknown;
  /** Contents that customizers want as text, by the place of their message. */
  contents: [number, unknown][];
  /** Arguments that are no object, by the places of their message and call. */
  arguments: [number, number, unknown][];
}

/** The beginning of a training line: tools and first message. */
export const openingJson = (tools: Tool[] | null, first: Message): string =>
  `{${tools === null ? '' : `"tools":${JSON.stringify(tools)},`}"messages":[${JSON.stringify(toTrainingMessage(first))}`;

/** What a message behind it adds. */
export const jsonInLine = (message: Message): string => `,${JSON.stringify(toTrainingMessage(message))}`;

export const END_OF_LINE = ']}\n';

export function restOf(record: CanonicalRecord, storedAs: string): Rest {
  const contents: Rest['contents'] = [];
  const args: Rest['arguments'] = [];
  for (const [i, message] of [...record.messages, record.answer].entries()) {
    if (message.role === 'assistant' && !hasText(message) && message.content !== '')
      contents.push([i, message.content]);
    for (const [j, call] of message.toolCalls.entries())
      if (argumentsOfTraining(call) !== call.arguments) args.push([i, j, call.arguments]);
  }
  const { timestampMs, toolChoice } = record;
  return { storedAs, timestampMs, toolChoice, contents, arguments: args };
}

/** The record again, but for its session, which has done its work. */
export function recordOf(line: string, rest: Rest): CanonicalRecord {
  const row = JSON.parse(line) as TrainingRow;
  const messages = row.messages.map(fromTrainingMessage);
  for (const [i, content] of rest.contents) Object.assign(messages[i] ?? {}, { content });
  for (const [i, j, args] of rest.arguments)
    Object.assign(messages[i]?.toolCalls[j] ?? {}, { arguments: args });
  const answer = messages.pop();
  if (!answer) throw new Error('a line without messages was not written here');
  return {
    timestampMs: rest.timestampMs,
    messages,
    tools: row.tools ?? null,
    toolChoice: rest.toolChoice,
    answer,
    session: null,
  };
}

const fromTrainingMessage = (wire: WireMessage): Message => ({
  role: wire.role,
  content: wire.content,
  toolCalls: (wire.tool_calls ?? []).map(({ id = null, function: { name, arguments: args } }): ToolCall => ({
    id,
    name,
    arguments: args,
  })),
  toolCallId: wire.tool_call_id ?? null,
  name: wire.name ?? null,
});
