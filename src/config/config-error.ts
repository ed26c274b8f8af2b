/** A configuration that cannot be used; one line for each problem: file or variable, key, what to change. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
