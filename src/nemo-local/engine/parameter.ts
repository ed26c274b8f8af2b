import type { ToolSchema } from './types.js';
import { isJsonObject, isRecord, type JsonValue } from './turn.js';

type ParameterType = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';

/** What a schema says of one argument of a function. */
export interface Parameter {
  function: string;
  name: string;
  type: ParameterType;
  description: string;
  isRequired: boolean;
  enumeration: JsonValue[];
  /** Keys of an array's items, where these are objects. */
  itemKeys: string[];
}

const TYPES: readonly ParameterType[] = ['string', 'number', 'integer', 'boolean', 'array', 'object'];

/** Reads the parameters of a function's JSON schema, in its order. */
export function parametersOf({ function: tool }: ToolSchema): Parameter[] {
  const schema = tool.parameters;
  if (schema === undefined || !isRecord(schema.properties)) return [];
  const required: unknown[] = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, property]) => ({
    function: tool.name,
    name,
    isRequired: required.includes(name),
    ...readProperty(isRecord(property) ? property : {}),
  }));
}

/** Infers a schema from calls seen, for training rows that list no tools. */
export function inferTool(name: string, examples: readonly Record<string, JsonValue>[]): ToolSchema {
  const properties: Record<string, unknown> = {};
  for (const [key, value] of examples.flatMap((example) => Object.entries(example))) {
    properties[key] = { type: Array.isArray(value) ? 'array' : value === null ? 'string' : typeof value };
  }
  return { type: 'function', function: { name, parameters: { type: 'object', properties } } };
}

function readProperty(
  property: Record<string, unknown>,
): Pick<Parameter, 'type' | 'description' | 'enumeration' | 'itemKeys'> {
  const declared: unknown[] = Array.isArray(property.type) ? property.type : [property.type];
  const items =
    isRecord(property.items) && isRecord(property.items.properties) ? property.items.properties : {};
  return {
    type: TYPES.find((type) => declared.includes(type)) ?? 'string',
    description: typeof property.description === 'string' ? property.description : '',
    enumeration: readEnumeration(property.enum),
    itemKeys: Object.keys(items),
  };
}

function readEnumeration(values: unknown): JsonValue[] {
  if (!Array.isArray(values)) return [];
  return values.filter((value) => isJsonObject({ value }) && typeof value !== 'object');
}
