/** Where a configuration comes from. */
export interface ConfigSource {
  /** YAML in the blueprint's schema. */
  file: string;
  env: NodeJS.ProcessEnv;
  /** Where the embedded store and scratch files live. */
  dataDir: string;
  /** Whether this process serves no API, and so needs none of its keys. */
  servesNoApi?: boolean;
}
