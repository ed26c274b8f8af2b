import { asFields, hasText } from './canonical-message.js';
import type { CanonicalRecord, Message, Tool, ToolCall } from './canonical-record.js';

/** Who is being asked: stays in every evaluation row. */
export interface RowOrigin {
  workloadId: string;
  clientId: string;
}

/** A line of an evaluation file. `response` is the ground truth. */
export interface EvaluationRow {
  flywheel_id: string;
  timestamp: number;
  workload_id: string;
  client_id: string;
  request: { messages: WireMessage[]; tools?: Tool[]; tool_choice?: unknown };
  response: { choices: [{ index: 0; message: WireMessage; finish_reason: string }] };
}

/** The same question behind examples; the judge reads `original_messages`. */
export type InContextRow = EvaluationRow & { original_messages: WireMessage[] };

export interface WireMessage {
  role: string;
  content: unknown;
  tool_calls?: { id?: string; type: 'function'; function: { name: string; arguments: unknown } }[];
  tool_call_id?: string;
  name?: string;
}

/** A line of a training file: the answer is the last message. */
export interface TrainingRow {
  tools?: Tool[];
  messages: WireMessage[];
}

/** Requests carry arguments as JSON text, as the chat API takes them; the ground truth carries values. */
export function toEvaluationRow(id: string, record: CanonicalRecord, origin: RowOrigin): EvaluationRow {
  const { messages, tools, toolChoice, answer } = record;
  const called = answer.toolCalls.length > 0;
  return {
    flywheel_id: id,
    timestamp: record.timestampMs,
    workload_id: origin.workloadId,
    client_id: origin.clientId,
    request: {
      messages: messages.map((message) => toWire(message, asText)),
      // `required` would hide calls that should not be made.
      ...(tools === null ? {} : { tools, tool_choice: toolChoice ?? 'auto' }),
    },
    response: {
      choices: [
        { index: 0, message: toWire(answer, asValue), finish_reason: called ? 'tool_calls' : 'stop' },
      ],
    },
  };
}

export const toTrainingRow = ({ messages, tools, answer }: CanonicalRecord): TrainingRow => ({
  ...(tools === null ? {} : { tools }),
  messages: [...messages, answer].map(toTrainingMessage),
});

/** Customizers take arguments as objects only, and text wherever an assistant says nothing. */
export function toTrainingMessage(message: Message): WireMessage {
  const wire = toWire(message, argumentsOfTraining);
  return message.role === 'assistant' && !hasText(message) ? { ...wire, content: '' } : wire;
}

/** A call in the history whose arguments the agent got wrong is kept, as it explains what came next. */
export const argumentsOfTraining = (call: ToolCall): object =>
  asFields(call.arguments) ?? { value: call.arguments };

const asValue = (call: ToolCall): unknown => call.arguments;
const asText = (call: ToolCall): string =>
  typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments);

function toWire(message: Message, argumentsOf: (call: ToolCall) => unknown): WireMessage {
  const { role, content, toolCalls, toolCallId, name } = message;
  return {
    role,
    content,
    ...(toolCalls.length === 0
      ? {}
      : {
          tool_calls: toolCalls.map((call) => ({
            ...(call.id === null ? {} : { id: call.id }),
            type: 'function' as const,
            function: { name: call.name, arguments: argumentsOf(call) },
          })),
        }),
    ...(toolCallId === null ? {} : { tool_call_id: toolCallId }),
    ...(name === null ? {} : { name }),
  };
}
