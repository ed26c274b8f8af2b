export { digestOf } from './api-keys.js';
export { ConfigError } from './config-error.js';
export { type EffectiveValue } from './effective-values.js';
export { effectiveRunConfig, inspectConfig, loadConfig } from './load-config.js';
export { splitOverrides, type SplitOverrides, unreachableMinimum } from './split.js';
