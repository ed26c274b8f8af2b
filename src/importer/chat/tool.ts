import { asList, defined, type Fields, isFields, isText, unpacked } from '../values.js';

/**
 * Offered tools as OpenAI's chat completions have them, from theirs, from bare functions (OpenAI's former `functions`,
 * OpenTelemetry's `gen_ai.tool.definitions`) and from Anthropic's with `input_schema`; undefined where none are offered.
 * What is none of these stays as it is.
 */
export function toTools(value: unknown): unknown[] | undefined {
  const tools = asList(unpacked(value)).map((tool) => toTool(unpacked(tool)));
  return tools.length === 0 ? undefined : tools;
}

function toTool(tool: unknown): unknown {
  if (!isFields(tool) || isFields(tool['function']) || !isText(tool['name'])) return tool;
  if ((tool['type'] ?? 'function') !== 'function' && tool['input_schema'] === undefined) return tool;
  return { type: 'function', function: functionOf(tool) };
}

const functionOf = ({ name, description, parameters, input_schema }: Fields): Fields =>
  defined({ name, description, parameters: unpacked(parameters ?? input_schema) });
