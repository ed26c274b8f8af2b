export { ConfigError } from './config-error.js';
export { effectiveRunConfig, loadConfig } from './load-config.js';
export { splitOverrides, type SplitOverrides, unreachableMinimum } from './split.js';
