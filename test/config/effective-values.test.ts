import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { inspect, nim } from './config-file.js';

function valuesOf(content: object | string, env?: NodeJS.ProcessEnv): Record<string, string> {
  const { values } = inspect(content, env);
  return Object.fromEntries(values.map(({ key, value, origin }) => [key, `${value} (${origin})`]));
}

test('a value is another one, or comes from somewhere else, than is said', () => {
  const env = { LOG_LEVEL: 'debug', NIM_BASE_URL: 'http://other', PORT: '9000' };
  const shown = valuesOf(
    {
      nims: [nim({ gpus: 2 }), nim({ model_name: 'meta/large', tag: null })],
      logging_config: { level: 'ERROR' },
      timing: { evaluation_poll: '90s' },
      data_split_config: null,
    },
    env,
  );
  expect(shown).toMatchObject({
    'nmp_config.nemo_base_url': '"http://nemo.test" (file)',
    'nmp_config.nim_base_url': '"http://other" (NIM_BASE_URL)',
    'nmp_config.nmp_namespace': '"dwfbp" (default)',
    'logging_config.level': '"debug" (LOG_LEVEL)',
    'nims[0].gpus': '2 (file)',
    'nims[1].model_name': '"meta/large" (file)',
    'nims[1].tag': 'null (file)',
    'nims[1].customizer_configs': 'null (default)',
    'data_split_config.limit': '10000 (default)',
    'timing.evaluation_poll': '90s (file)',
    'timing.deployment_stall': '1h (default)',
    PORT: '9000 (environment)',
    ES_COLLECTION_NAME: 'flywheel (default)',
    ELASTICSEARCH_URL: 'not set (default)',
  });
});

test('a secret is shown, or not that it is set', () => {
  const env = {
    NVIDIA_API_KEY: 'secret-1',
    MY_KEY: 'secret-2',
    HF_TOKEN: '',
    ELASTICSEARCH_URL: 'https://elastic:secret-3@es:9200',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://secret-4@collector:4318',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector/v1?key=secret-5&secret-6&v=',
  };
  const url = 'http://judge/v1?api-version=secret-7';
  const judge = { type: 'remote', model_id: 'j', url, api_key_env: 'MY_KEY' };
  const shown = valuesOf({ llm_judge_config: judge }, env);
  expect(shown).toMatchObject({
    NVIDIA_API_KEY: 'set (environment)',
    MY_KEY: 'set (environment)',
    LLM_JUDGE_API_KEY: 'not set (default)',
    HF_TOKEN: 'not set (default)',
    ELASTICSEARCH_URL: 'https://***@es:9200/ (environment)',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://***@collector:4318/ (environment)',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector/v1?key=***&***&v= (environment)',
    'llm_judge_config.url': '"http://judge/v1?api-version=***" (file)',
  });
  expect(JSON.stringify(shown)).not.toContain('secret-');
});

test('the judge of an older file is shown under names that nobody knows, or as none', () => {
  const judge = { type: 'remote', model_id: 'j', url: 'http://judge/v1' };
  const shown = valuesOf({ llm_judge_config: judge });
  expect(shown['llm_judge_config.deployment_type']).toBe('"remote" (file, as llm_judge_config.type)');
  expect(shown['llm_judge_config.model_name']).toBe('"j" (file, as llm_judge_config.model_id)');
  expect(Object.keys(shown)).not.toContain('llm_judge_config.type');
  expect(valuesOf({ llm_judge_config: { model_name: 'j' } })['llm_judge_config.deployment_type']).toBe(
    '"local" (default)',
  );
});

test('what is printed of the values is no YAML', () => {
  const { values } = inspect({ timing: { retry_initial: '1.5s' } });
  for (const { key, value } of values.filter(({ key }) => key.includes('.')))
    expect(parse(`${key}: ${value}`), key).toBeDefined();
});
