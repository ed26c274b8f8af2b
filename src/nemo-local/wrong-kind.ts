import type { Complaint } from './validation-errors.js';

/** What pydantic says when a value is not of the expected kind, which zod names. */
export function wrongKind(expected: string, input: unknown): Complaint {
  switch (expected) {
    case 'int':
      return wrongInteger(input);
    case 'number':
      return isText(input, FLOAT)
        ? { type: 'float_parsing', msg: 'Input should be a valid number, unable to parse string as a number' }
        : { type: 'float_type', msg: 'Input should be a valid number' };
    case 'boolean':
      return isText(input, BOOLEAN) || typeof input === 'number'
        ? { type: 'bool_parsing', msg: 'Input should be a valid boolean, unable to interpret input' }
        : { type: 'bool_type', msg: 'Input should be a valid boolean' };
    case 'string':
      return { type: 'string_type', msg: 'Input should be a valid string' };
    case 'array':
      return { type: 'list_type', msg: 'Input should be a valid list' };
    case 'tuple':
      return { type: 'tuple_type', msg: 'Input should be a valid tuple' };
    case 'record':
      return { type: 'dict_type', msg: 'Input should be a valid dictionary' };
    default:
      return {
        type: 'model_attributes_type',
        msg: 'Input should be a valid dictionary or object to extract fields from',
      };
  }
}

/** Texts that pydantic would read as such a value: they are refused for being texts, in the words of its strict mode. */
const INTEGER = /^\s*[+-]?\d+\s*$/;
const FLOAT = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const BOOLEAN = /^(0|1|true|false|t|f|yes|no|y|n|on|off)$/i;

const isText = (input: unknown, but: RegExp) => typeof input === 'string' && !but.test(input);

function wrongInteger(input: unknown): Complaint {
  const msg = 'Input should be a valid integer';
  if (isText(input, INTEGER))
    return { type: 'int_parsing', msg: `${msg}, unable to parse string as an integer` };
  return typeof input === 'number'
    ? { type: 'int_from_float', msg: `${msg}, got a number with a fractional part` }
    : { type: 'int_type', msg };
}
