import { InvalidArgumentError } from 'commander';
import {
  COLUMN_FIELDS,
  type ColumnMapping,
  type Format,
  FORMATS,
  formatNamed,
  isColumnField,
} from '../importer/index.js';

export const AUTO = 'auto';
export const FORMAT_NAMES = [AUTO, ...FORMATS.map(({ name }) => name)];

/** The format that is named; undefined for what is found out by itself. */
export function importFormat(name: string): Format | undefined {
  const format = formatNamed(name);
  if (format || name === AUTO) return format;
  throw new InvalidArgumentError(`It must be one of ${FORMAT_NAMES.join(', ')}.`);
}

/** `timestamp=ts,messages=prompt`: the columns that hold the fields of a record. */
export function columnMapping(text: string): ColumnMapping {
  return Object.fromEntries(text.split(',').map(onePair));
}

function onePair(pair: string): [string, string] {
  const [field = '', ...rest] = pair.split('=');
  const column = rest.join('=').trim();
  if (isColumnField(field.trim()) && column !== '') return [field.trim(), column];
  throw new InvalidArgumentError(
    `'${pair}' must be FIELD=COLUMN, where FIELD is one of ${COLUMN_FIELDS.join(', ')}.`,
  );
}
