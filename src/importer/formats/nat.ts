import { callLinker } from '../../records/call-ids.js';
import type { Format, Reading } from '../format.js';
import { toUsage } from '../model-call.js';
import { asFields, asList, defined, isFields, isText } from '../values.js';
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
      request: { ...request, messages: callLinker()(asList(request['messages'])) },
      response: { ...response, ...defined({ usage: flat(usage) }) },
    },
  };
}

const flat = (usage: unknown): unknown => {
  const { prompt_tokens, completion_tokens } = asFields(asFields(usage)['token_usage']);
  return toUsage(prompt_tokens, completion_tokens) ?? usage;
};
