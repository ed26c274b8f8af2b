export { importLogFile, type ImportProgress, type ImportSummary } from './import-log-file.js';
export { readLogFile, type LogLine } from './read-log-file.js';
