import type { Answer } from '../../chat/answer.js';
import { toTools } from '../../chat/tool.js';
import type { Format, ReadContext, Reading } from '../../format.js';
import { toReading, toUsage } from '../../model-call.js';
import { namesOf } from '../../names.js';
import { asFields, asList, defined, type Fields, firstOf, isText } from '../../values.js';
import { callsOf, type LoggedCall } from './calls.js';
import { fromEvents } from './events.js';
import { fromCompletions, fromFunctions, fromPrompts } from './indexed.js';
import { millisecondsOf } from './otlp.js';
import { fromInputMessages, fromInstructions, fromOutputMessages } from './parts.js';

/**
 * Spans and events of OpenTelemetry's conventions for generative AI, as OTLP's JSON: a document, or one a line as the
 * collector's file exporter writes. Reads the attributes of today, the events of before, and OpenLLMetry's.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md
 */
export const otel: Format = {
  name: 'otel',
  title: 'OpenTelemetry GenAI spans',
  recognises: ({ resourceSpans, resourceLogs }) =>
    Array.isArray(resourceSpans) || Array.isArray(resourceLogs),
  read: (document, context) => callsOf(document).map((call) => readCall(call, context)),
};

function readCall(call: LoggedCall, { names }: ReadContext): Reading {
  const { fields, attributes, resource } = call;
  if (!isModelCall(call)) return { skipped: true };
  if (hasFailed(call)) return { rejected: 'the call failed' };
  const similar = {
    workload: firstOf(attributes, 'gen_ai.agent.name', 'traceloop.workflow.name'),
    client: resource['service.name'],
  };
  return toReading({
    names: namesOf([attributes, resource], names, similar),
    timestamp: firstTime(fields, 'startTimeUnixNano', 'timeUnixNano', 'observedTimeUnixNano'),
    session: firstOf(attributes, 'gen_ai.conversation.id', 'session.id', ...TRACELOOP_SESSIONS),
    parameters: {
      model: attributes['gen_ai.request.model'],
      tools: toTools(attributes['gen_ai.tool.definitions']) ?? toTools(fromFunctions(attributes)),
    },
    ...conversationOf(call),
    response: responseOf(attributes),
  });
}

/** Operations that are an answer of a model to messages; older spans name none. */
const OPERATIONS = new Set<unknown>(['chat', 'text_completion', 'generate_content', 'completion', undefined]);
const MODEL_ATTRIBUTES =
  /^(?:gen_ai\.(?:request\.model$|prompt|input\.messages)|llm\.(?:request\.model$|prompts))/;

function isModelCall({ attributes, events }: LoggedCall): boolean {
  if (!OPERATIONS.has(firstOf(attributes, 'gen_ai.operation.name', 'llm.request.type'))) return false;
  const isKnown = Object.keys(attributes).some((key) => MODEL_ATTRIBUTES.test(key));
  return isKnown || events.some(({ name }) => name.startsWith('gen_ai.'));
}

/** `status.code` 2 is an error: https://opentelemetry.io/docs/specs/otel/trace/api/#set-status */
function hasFailed({ fields, attributes }: LoggedCall): boolean {
  const { code } = asFields(fields['status']);
  return code === 2 || code === 'STATUS_CODE_ERROR' || isText(attributes['error.type']);
}

/** Some write the same messages in two conventions at once; the newest is the fullest. */
function conversationOf({ attributes, events }: LoggedCall): { messages: Fields[]; answer: Answer | null } {
  const told = fromEvents(events);
  const inputs = [
    fromInputMessages(attributes['gen_ai.input.messages']),
    fromPrompts(attributes),
    told.messages,
  ];
  const messages = inputs.find((list) => list.length > 0) ?? [];
  const answer =
    fromOutputMessages(attributes['gen_ai.output.messages']) ?? fromCompletions(attributes) ?? told.answer;
  const [reason] = asList(attributes['gen_ai.response.finish_reasons']);
  return {
    messages: [...fromInstructions(attributes['gen_ai.system_instructions']), ...messages],
    answer: answer && { ...answer, finishReason: answer.finishReason ?? reason },
  };
}

const TRACELOOP_SESSIONS = ['session_id', 'thread_id', 'conversation_id'].map(
  (key) => `traceloop.association.properties.${key}`,
);

const firstTime = (fields: Fields, ...keys: string[]): number | undefined =>
  keys.map((key) => millisecondsOf(fields[key])).find((ms) => ms !== undefined);

const responseOf = (attributes: Fields): Fields =>
  defined({
    id: attributes['gen_ai.response.id'],
    model: attributes['gen_ai.response.model'],
    usage: toUsage(
      firstOf(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'),
      firstOf(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'),
    ),
  });
