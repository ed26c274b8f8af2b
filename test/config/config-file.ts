import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError, inspectConfig, loadConfig } from '../../src/config/index.js';

/** The least that a file must say. */
export const SMALLEST = {
  nmp_config: {
    nemo_base_url: 'http://nemo.test',
    nim_base_url: 'http://nim.test',
    datastore_base_url: 'http://data-store.test',
  },
  llm_judge_config: { deployment_type: 'local', model_name: 'meta/judge', tag: '1.8.5', gpus: 4 },
  nims: [{ model_name: 'meta/small', context_length: 8192 }],
};

/** Loads a file with the given sections, or with the given text, that is gone after the test. */
export function load(content: object | string, env: NodeJS.ProcessEnv = {}) {
  const source = sourceOf(content, env);
  return { dataDir: source.dataDir, ...loadConfig(source) };
}

/** Such a file, loaded, with the origin of each value. */
export const inspect = (content: object | string, env: NodeJS.ProcessEnv = {}) =>
  inspectConfig(sourceOf(content, env));

export function sourceOf(content: object | string, env: NodeJS.ProcessEnv) {
  const dataDir = mkdtempSync(join(tmpdir(), 'flywheel-config-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const file = join(dataDir, 'config.yaml');
  writeFileSync(file, typeof content === 'string' ? content : stringify({ ...SMALLEST, ...content }));
  return { file, env, dataDir };
}

export const nim = (changes: object) => ({ model_name: 'meta/small', context_length: 8192, ...changes });

/** What a ConfigError says of the file or of the environment. */
export const problemsOf = (content: object | string, env?: NodeJS.ProcessEnv): string => {
  try {
    load(content, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no problem';
};
