/** Where a configuration comes from. */
export interface ConfigSource {
  /** YAML in the blueprint's schema. */
  file: string;
  env: NodeJS.ProcessEnv;
  /** Where the embedded store lives, and what waits for a store. */
  dataDir: string;
  /** Where scratch files live; default: there too. */
  scratchDir?: string;
  /** Whether this process serves no API, and so needs none of its keys. */
  servesNoApi?: boolean;
}
