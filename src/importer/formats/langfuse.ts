import { toAnswer } from '../chat/answer.js';
import { toMessageList } from '../chat/message.js';
import { toTools } from '../chat/tool.js';
import type { Format, ReadContext, Reading } from '../format.js';
import { toReading, toUsage } from '../model-call.js';
import { namesOf, sessionOf } from '../names.js';
import { asFields, type Fields, firstOf, isFields, isText, unpacked } from '../values.js';

const TYPES = new Set(
  'GENERATION SPAN EVENT AGENT TOOL CHAIN RETRIEVER EVALUATOR EMBEDDING GUARDRAIL'.split(' '),
);

/**
 * Observations of Langfuse, as its tables, its API (`traceId`) and its blob storage export (`trace_id`) give them, or a
 * trace with its `observations`. Only generations are calls of a model.
 * https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields,
 * https://github.com/langfuse/langfuse-python (`openai.py`, `langchain/CallbackHandler.py`)
 */
export const langfuse: Format = {
  name: 'langfuse',
  title: 'Langfuse observations',
  recognises: (item) => Array.isArray(item['observations']) || isObservation(item),
  read(item, context) {
    const { observations } = item;
    if (!Array.isArray(observations)) return [readObservation(item, asFields(item['trace']), context)];
    const trace = isFields(item['trace']) ? item['trace'] : item;
    return observations.map((one) => readObservation(asFields(one), trace, context));
  },
};

const isObservation = (item: Fields): boolean =>
  isText(item['type']) && TYPES.has(item['type']) && isText(firstOf(item, 'traceId', 'trace_id'));

function readObservation(item: Fields, trace: Fields, { names }: ReadContext): Reading {
  if (item['type'] !== 'GENERATION') return { skipped: true };
  if (item['level'] === 'ERROR') return { rejected: 'the call failed' };
  const metadata = asFields(unpacked(item['metadata']));
  const places = [item, metadata, trace, asFields(unpacked(trace['metadata']))];
  const workload = firstOf(item, 'traceName', 'trace_name') ?? trace['name'];
  const { messages, tools, ...parameters } = requestIn(item['input']);
  return toReading({
    names: namesOf(places, names, { workload }),
    timestamp: firstOf(item, 'startTime', 'start_time'),
    session: sessionOf(...places),
    parameters: {
      ...parameters,
      model: firstOf(item, 'model', 'provided_model_name'),
      tools: toTools(tools),
    },
    messages: toMessageList(messages),
    answer: toAnswer(item['output']),
    response: { usage: usageIn(item) },
  });
}

interface LoggedRequest {
  messages: unknown;
  tools: unknown;
  tool_choice?: unknown;
}

function requestIn(input: unknown): LoggedRequest {
  const value = unpacked(input);
  if (isFields(value) && Array.isArray(value['messages'])) {
    const { messages, tool_choice } = value;
    return { messages, tools: firstOf(value, 'tools', 'functions'), tool_choice };
  }
  const given = Array.isArray(value) ? value : [value];
  if (isText(input) && toMessageList(given).length === 0)
    return { messages: [{ role: 'user', content: input }], tools: undefined };
  // The handler for LangChain logs each offered tool as a message behind the others.
  const tools = given.filter(isOfferedTool).map(({ content }) => content);
  return { messages: given.filter((message) => !isOfferedTool(message)), tools };
}

const isOfferedTool = (message: unknown): message is Fields =>
  isFields(message) && message['role'] === 'tool' && isTool(message['content']);

const isTool = (content: unknown): boolean =>
  isFields(content) && (isFields(content['function']) || isText(content['name']));

function usageIn(item: Fields): Fields | undefined {
  const usage = asFields(unpacked(firstOf(item, 'usageDetails', 'usage_details', 'usage')));
  return toUsage(usage['input'], usage['output']);
}
