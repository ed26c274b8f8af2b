import { completion, NAMES, OPENAI, TOOL } from './conversation.js';
import { span, spansDocument } from './otlp-document.js';

export const pair = {
  request: { model: 'gpt-4o', messages: OPENAI.asked, tools: [TOOL] },
  response: completion(OPENAI.call, 'tool_calls'),
};
const parts = OPENAI.asked.map(({ role, content }) => ({ role, parts: [{ type: 'text', content }] }));
const called = { type: 'tool_call', name: 'get_weather', arguments: { city: 'Paris' } };
const chat = span({
  'gen_ai.operation.name': 'chat',
  'gen_ai.input.messages': JSON.stringify(parts),
  'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts: [called] }]),
  'gen_ai.tool.definitions': JSON.stringify([TOOL.function]),
});
const tool = span({ 'gen_ai.operation.name': 'execute_tool' }, { spanId: '2' });

/** One tool call in each format, and what the file is taken for. */
export const FORMATS: [string, unknown][] = [
  [
    'log records',
    { ...pair, workload_id: NAMES.workload, client_id: NAMES.client, timestamp: 1_767_600_000 },
  ],
  [
    "records of NVIDIA's Agent Toolkit",
    {
      ...{ ...pair, contract_version: '1.0', error_details: null, timestamp: 1_767_600_000 },
      ...{ workload_id: NAMES.workload, client_id: NAMES.client },
    },
  ],
  ['OpenAI chat-completions requests with responses', pair],
  ['OpenAI fine-tuning examples', { messages: [...OPENAI.asked, OPENAI.call], tools: [TOOL] }],
  [
    'Langfuse observations',
    {
      ...{ id: 'o', traceId: 't', type: 'GENERATION', startTime: '2026-01-05T08:00:00.000Z' },
      ...{ input: { messages: OPENAI.asked, tools: [TOOL] }, output: OPENAI.call },
    },
  ],
  [
    'LangSmith runs',
    {
      ...{ id: 'r', trace_id: 't', run_type: 'llm', start_time: '2026-01-05T08:00:00' },
      ...{ inputs: { messages: OPENAI.asked, tools: [TOOL] }, outputs: pair.response },
    },
  ],
  ['OpenTelemetry GenAI spans', spansDocument(chat, tool)],
];
