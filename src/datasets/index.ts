export { type BuiltFiles, withDatasets } from './build.js';
export { DISK_ADVICE, isDiskError } from './disk-error.js';
export type { DatasetFiles } from './files.js';
export {
  type DatasetRequest,
  type DatasetServices,
  type Embed,
  previewRequest,
  type Watch,
} from './request.js';
export { type Samples, samplesOf } from './samples.js';
export { removeLeftSpools } from './spool.js';
export { TooFewRecords } from './too-few-records.js';
