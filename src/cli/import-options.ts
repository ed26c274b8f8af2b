import { InvalidArgumentError, Option } from 'commander';
import {
  COLUMN_FIELDS,
  type ColumnMapping,
  type Format,
  FORMATS,
  formatNamed,
  isColumnField,
} from '../importer/index.js';

const AUTO = 'auto';
const FORMAT_NAMES = [AUTO, ...FORMATS.map(({ name }) => name)];

/** How a log file is read. */
export interface FileFlags {
  format?: Format;
  columns?: ColumnMapping;
}

export const formatOption = (of = ''): Option =>
  new Option('--format <format>', `${of}${FORMAT_NAMES.join(', ')}`)
    .argParser(importFormat)
    .default(undefined, AUTO);

export const columnsOption = (of = 'of CSV and Parquet: '): Option =>
  new Option('--columns <mapping>', `${of}timestamp=ts,messages=prompt,answer=completion,…`).argParser(
    columnMapping,
  );

/** The format that is named; undefined for what is found out by itself. */
function importFormat(name: string): Format | undefined {
  const format = formatNamed(name);
  if (format || name === AUTO) return format;
  throw new InvalidArgumentError(`It must be one of ${FORMAT_NAMES.join(', ')}.`);
}

/** `timestamp=ts,messages=prompt`: the columns that hold the fields of a record. */
function columnMapping(text: string): ColumnMapping {
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
