/** What of a log record a column of a table can hold. */
export const COLUMN_FIELDS = [
  'timestamp',
  'workload',
  'client',
  'session',
  'model',
  'system',
  'messages',
  'tools',
  'answer',
  'request',
  'response',
] as const;

export type ColumnField = (typeof COLUMN_FIELDS)[number];

/** The column that holds each field, by the field's name. */
export type ColumnMapping = Partial<Record<ColumnField, string>>;

export const isColumnField = (name: string): name is ColumnField =>
  COLUMN_FIELDS.some((field) => field === name);

/** Columns that are named like the fields they hold, completed by what the user says. */
export function mappingFor(columns: readonly string[], given: ColumnMapping): ColumnMapping {
  const same = COLUMN_FIELDS.filter((field) => columns.includes(field)).map((field) => [field, field]);
  const ids = ['workload', 'client', 'session']
    .filter((field) => columns.includes(`${field}_id`))
    .map((field) => [field, `${field}_id`]);
  return { ...Object.fromEntries([...same, ...ids]), ...given };
}

/** Says what is missing from a table for this mapping, or null when nothing is. */
export function missingColumns(columns: readonly string[], mapping: ColumnMapping): string | null {
  const absent = Object.values(mapping).filter((column) => !columns.includes(column));
  const have = `The columns there are: ${columns.join(', ')}.`;
  if (absent.length > 0) return `it has no column ${absent.map((name) => `'${name}'`).join(', ')}. ${have}`;
  const asks = mapping.messages ?? mapping.request;
  const answers = mapping.answer ?? mapping.response;
  if (asks !== undefined && answers !== undefined) return null;
  return `no column is known to hold the ${asks === undefined ? 'messages' : 'answer'}. ${have} ${HINT}`;
}

const HINT = 'Say which it is: --columns messages=…,answer=…';
