import type { JsonSchema } from './schemas.js';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escaped = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);

/** Text with `code` in it. */
export const prose = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

/** A schema as one reads it, with links to those that it names. */
export const schemaBlock = (schema: JsonSchema): string =>
  `<pre>${escaped(shapeOf(schema, '')).replaceAll(/§(\w+)/g, '<a href="#$1">$1</a>')}</pre>`;

/** In the manner of a type: keys with what they may be; a name of a schema begins with §. */
function shapeOf(schema: JsonSchema, indent: string): string {
  if (typeof schema['$ref'] === 'string') return `§${schema['$ref'].split('/').at(-1)}`;
  if (Array.isArray(schema['enum'])) return schema['enum'].map((word) => JSON.stringify(word)).join(' | ');
  if (schema['const'] !== undefined) return JSON.stringify(schema['const']);
  for (const of of ['anyOf', 'oneOf'])
    if (Array.isArray(schema[of])) return schema[of].map((one) => shapeOf(asSchema(one), indent)).join(' | ');
  const { type } = schema;
  if (Array.isArray(type)) return type.join(' | ');
  if (type === 'object') return objectShape(schema, indent);
  if (Array.isArray(schema['prefixItems']))
    return `[${schema['prefixItems'].map((item) => shapeOf(asSchema(item), indent)).join(', ')}]`;
  if (type === 'array') return `[ ${shapeOf(asSchema(schema['items']), indent)} … ]`;
  return `${typeof type === 'string' ? type : 'any'}${limitsOf(schema)}`;
}

function objectShape(schema: JsonSchema, indent: string): string {
  const properties = Object.entries(asSchema(schema['properties']));
  const further = asSchema(schema['additionalProperties']);
  if (properties.length === 0)
    return Object.keys(further).length === 0 ? 'object' : `{ <name>: ${shapeOf(further, indent)} }`;
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const lines = properties.map(([key, value]) => {
    const property = asSchema(value);
    const remark = typeof property['description'] === 'string' ? `  // ${property['description']}` : '';
    return `${indent}  ${key}${required.includes(key) ? '' : '?'}: ${shapeOf(property, `${indent}  `)}${remark}`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

const LIMITS: Record<string, string> = {
  minimum: '≥',
  exclusiveMinimum: '>',
  maximum: '≤',
  exclusiveMaximum: '<',
  minLength: 'length ≥',
  maxLength: 'length ≤',
};

const limitsOf = (schema: JsonSchema): string =>
  Object.entries(LIMITS)
    .filter(([key]) => typeof schema[key] === 'number' && Math.abs(schema[key]) < Number.MAX_SAFE_INTEGER)
    .map(([key, sign]) => ` ${sign} ${String(schema[key])}`)
    .join(',');

const asSchema = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null ? { ...value } : {};
