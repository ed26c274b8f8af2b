import type { Format, Reading } from '../format.js';
import { toUsage } from '../model-call.js';
import { asFields, asList, defined, type Fields, isFields, isText } from '../values.js';
import { log } from './log.js';

/**
 * Records of NVIDIA NeMo Agent Toolkit's exporter for the data flywheel: log records with `contract_version`, with tool
 * calls that have no ids, and with token counts one level down.
 * https://github.com/NVIDIA/NeMo-Agent-Toolkit/tree/develop/packages/nvidia_nat_data_flywheel
 */
export const nat: Format = {
  name: 'nat',
  title: "records of NVIDIA's Agent Toolkit",
  recognises: ({ contract_version, request }) => isText(contract_version) && isFields(request),
  read: (item, context) => log.read(item, context).map(repaired),
};

function repaired(reading: Reading): Reading {
  if (!('record' in reading)) return reading;
  const { record } = reading;
  if (isFields(record['error_details'])) return { rejected: 'the call failed' };
  const request = asFields(record['request']);
  const { usage, ...response } = asFields(record['response']);
  return {
    record: {
      ...record,
      request: { ...request, messages: withCallIds(asList(request['messages'])) },
      response: { ...response, ...defined({ usage: flat(usage) }) },
    },
  };
}

const flat = (usage: unknown): unknown => {
  const { prompt_tokens, completion_tokens } = asFields(asFields(usage)['token_usage']);
  return toUsage(prompt_tokens, completion_tokens) ?? usage;
};

/** Gives calls without an id, in their order, those that the tool messages after them answer to. */
function withCallIds(messages: unknown[]): unknown[] {
  return messages.map((message, index) => {
    const calls = asList(asFields(message)['tool_calls']);
    if (!isFields(message) || calls.length === 0) return message;
    const ids = idsAfter(messages, index);
    return { ...message, tool_calls: calls.map((call, i) => withId(call, ids[i])) };
  });
}

/** What the tool messages right after a message answer to. */
function idsAfter(messages: unknown[], index: number): unknown[] {
  const rest = messages.slice(index + 1).map(asFields);
  const end = rest.findIndex(({ role }) => role !== 'tool');
  return (end < 0 ? rest : rest.slice(0, end)).map((message) => message['tool_call_id']);
}

const withId = (call: unknown, id: unknown): unknown =>
  isFields(call) && !isText(call['id']) && isText(id) ? ({ ...call, id } satisfies Fields) : call;
