export { COLUMN_FIELDS, type ColumnMapping, isColumnField } from './column-mapping.js';
export type { Format } from './format.js';
export { formatNamed, FORMATS } from './formats/index.js';
export { importLogFile } from './import-log-file.js';
export { readLogFile } from './sources/open-source.js';
export type { ImportProgress, ImportSummary } from './tally.js';
