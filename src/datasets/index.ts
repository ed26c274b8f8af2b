export { type BuiltFiles, withDatasets } from './build.js';
export { DISK_ADVICE, isDiskError } from './disk-error.js';
export type { DatasetFiles } from './files.js';
export { PrivateFolder, removeLeftFolders } from './private-folder.js';
export {
  type DatasetRequest,
  type DatasetServices,
  type Embed,
  previewRequest,
  type Watch,
} from './request.js';
export type { Samples } from './samples.js';
export { TooFewRecords } from './too-few-records.js';
