import { toAnswer } from '../chat/answer.js';
import { toMessageList } from '../chat/message.js';
import { toTools } from '../chat/tool.js';
import type { Format } from '../format.js';
import { toReading, toUsage } from '../model-call.js';
import { namesOf, sessionOf } from '../names.js';
import { asFields, asList, type Fields, firstOf, isText, unpacked } from '../values.js';

/**
 * Runs of LangSmith, as its API, SDKs and bulk export give them. What is logged by LangChain has its serialised messages,
 * what `wrap_openai` logs has OpenAI's.
 * https://docs.langchain.com/langsmith/run-data-format, https://docs.langchain.com/langsmith/log-llm-trace
 */
export const langsmith: Format = {
  name: 'langsmith',
  title: 'LangSmith runs',
  recognises: (item) =>
    isText(item['run_type']) &&
    ['inputs', 'trace_id', 'dotted_order', 'start_time'].some((key) => key in item),
  read(run, { names }) {
    if (run['run_type'] !== 'llm') return [{ skipped: true }];
    if (isText(run['error'])) return [{ rejected: 'the call failed' }];
    const inputs = asFields(unpacked(run['inputs']));
    const outputs = asFields(unpacked(run['outputs']));
    const extra = asFields(unpacked(run['extra']));
    const invocation = asFields(extra['invocation_params']);
    const metadata = asFields(extra['metadata']);
    const reading = toReading({
      names: namesOf([metadata], names, { client: run['session_name'] }),
      timestamp: run['start_time'],
      // A run's own `session_id` is its project.
      session: sessionOf(metadata, { thread_id: run['thread_id'] }),
      parameters: {
        model: modelOf(inputs, invocation, metadata),
        tools: toTools(firstOf(inputs, 'tools', 'functions') ?? firstOf(invocation, 'tools', 'functions')),
        tool_choice: firstOf(inputs, 'tool_choice') ?? invocation['tool_choice'],
      },
      messages: [...instructions(inputs['system']), ...toMessageList(conversation(inputs))],
      answer: toAnswer(outputs),
      response: { usage: usageIn(outputs) },
    });
    return [reading];
  },
};

/** LangChain logs a batch of conversations, of which a chat model has one. */
function conversation(inputs: Fields): unknown[] {
  const given = asList(unpacked(firstOf(inputs, 'messages', 'input')));
  return Array.isArray(given[0]) ? given[0] : given;
}

const instructions = (system: unknown): Fields[] =>
  isText(system) || Array.isArray(system) ? [{ role: 'system', content: system }] : [];

const modelOf = (inputs: Fields, invocation: Fields, metadata: Fields): unknown =>
  inputs['model'] ?? firstOf(invocation, 'model', 'model_name') ?? metadata['ls_model_name'];

function usageIn(outputs: Fields): Fields | undefined {
  const generation = asFields(asList(outputs['generations']).flat()[0]);
  const message = asFields(generation['message']);
  const places = [outputs, asFields(outputs['message']), message, asFields(message['kwargs'])];
  return places
    .map((place) => asFields(place['usage_metadata']))
    .map(({ input_tokens, output_tokens }) => toUsage(input_tokens, output_tokens))
    .find((usage) => usage !== undefined);
}
