import { hasText } from './canonical-message.js';
import type { CanonicalRecord, Message, Tool, ToolCall } from './canonical-record.js';
import { memoised } from './memoised.js';
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

/** The beginning of training lines: tools and first message. The same object where the same records share it. */
export interface Opening {
  json: Buffer;
  /** Where in the spool file it lies; null until it is known that lines share it. */
  offset: number | null;
  uses: number;
}

/** A training line as JSON: its opening, and the rest with the line's end. */
export interface Line {
  opening: Opening;
  own: string;
}

/** Makes training lines. It remembers the JSON of values that records share (see `JsonReader`). */
export function lineWriter(): (record: CanonicalRecord) => Line {
  const jsonOf = memoised((message: Message) => JSON.stringify(toTrainingMessage(message)));
  const openingsOf = memoised((tools: Tool[]) => {
    const begin = tools === NO_TOOLS ? '{"messages":[' : `{"tools":${JSON.stringify(tools)},"messages":[`;
    return memoised((message: Message): Opening => ({
      json: Buffer.from(begin + jsonOf(message)),
      offset: null,
      uses: 0,
    }));
  });
  return ({ messages, tools, answer }) => {
    const [first = answer, ...more] = messages;
    const opening = openingsOf(tools ?? NO_TOOLS)(first);
    return {
      opening,
      own: `,${[...more.map(jsonOf), JSON.stringify(toTrainingMessage(answer))].join()}]}\n`,
    };
  };
}

const NO_TOOLS: Tool[] = [];

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
