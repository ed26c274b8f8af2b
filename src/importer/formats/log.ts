import { LOST_TOOL_CALLS, lostToolCalls } from '../chat/finish-reason.js';
import type { Format } from '../format.js';
import { namesOf } from '../names.js';
import { asFields, defined, unpacked } from '../values.js';

/** The log format of this program and of NVIDIA's data flywheel blueprint: docs/http-api.md. Records stay as they are. */
export const log: Format = {
  name: 'log',
  title: 'log records',
  recognises: ({ request, response, workload_id, client_id }) =>
    isPresent(request) && isPresent(response) && (isPresent(workload_id) || isPresent(client_id)),
  read(item, { names }) {
    const record = { ...item, ...defined({ ...namesOf([item], names) }) };
    for (const key of ['request', 'response']) if (key in item) record[key] = unpacked(item[key]);
    return [lostToolCalls(asFields(record)['response']) ? { rejected: LOST_TOOL_CALLS } : { record }];
  },
};

const isPresent = (value: unknown): boolean => value !== undefined && value !== null;
