import { describe, expect, test } from 'vitest';
import { effectiveRunConfig, loadConfig } from '../../src/config/index.js';
import { load, nim, problemsOf } from './config-file.js';

const BLUEPRINT = `
nmp_config:
  datastore_base_url: "http://data-store.test"
  nemo_base_url: "http://nemo.test"
  nim_base_url: "http://nim.test"
  nmp_namespace: "dfwbp"
logging_config: { level: INFO }
mlflow_config: { tracking_uri: "http://0.0.0.0:5000", experiment_name_prefix: data-flywheel, artifact_location: ./mlruns }
llm_judge_config:
  deployment_type: local
  model_name: meta/llama-3.3-70b-instruct
  context_length: 32768
  gpus: 4
  pvc_size: 25Gi
  tag: 1.8.5
nims:
  - model_name: meta/llama-3.2-1b-instruct
    model_type: llm
    context_length: 8192
    gpus: 1
    pvc_size: 25Gi
    tag: 1.8.3
    customization_enabled: true
    customizer_configs: { target: meta/llama-3.2-1b-instruct@2.0, gpus: 1, max_seq_length: 8192 }
training_config: { training_type: sft, finetuning_type: lora, epochs: 2, batch_size: 16, learning_rate: 0.0001 }
lora_config: { adapter_dim: 32, adapter_dropout: 0.1 }
data_split_config: { eval_size: 100, val_ratio: 0.1, min_total_records: 50, random_seed: null, limit: 1000,
  parse_function_arguments: true }
icl_config:
  max_context_length: 32768
  reserved_tokens: 4096
  max_examples: 3
  min_examples: 1
  example_selection: semantic_similarity
  similarity_config:
    relevance_ratio: 0.7
    embedding_nim_config: { deployment_type: local, model_name: nvidia/llama-3.2-nv-embedqa-1b-v2,
      context_length: 32768, gpus: 1, pvc_size: 25Gi, tag: 1.9.0 }
`;

test('the spool is not where the file says, or a variable does not go before it', () => {
  const spoolDir = (env: NodeJS.ProcessEnv) =>
    load(BLUEPRINT + 'storage_config: { spool_dir: /srv/spool }', env).services.spoolDir;
  expect(load(BLUEPRINT).services.spoolDir).toMatch(/spool$/);
  expect(spoolDir({})).toBe('/srv/spool');
  expect(spoolDir({ FLYWHEEL_SPOOL_DIR: '/mnt/spool' })).toBe('/mnt/spool');
});

test('records of the proxy wait elsewhere than the file says, or a variable does not go before it', () => {
  const spoolDir = (env: NodeJS.ProcessEnv) =>
    load(BLUEPRINT + 'proxy: { spool_dir: /srv/spool }', env).services.proxy.spoolDir;
  expect(load(BLUEPRINT).services.proxy.spoolDir).toMatch(/proxy-spool$/);
  expect(spoolDir({})).toBe('/srv/spool');
  expect(spoolDir({ FLYWHEEL_PROXY_SPOOL_DIR: '/mnt/spool' })).toBe('/mnt/spool');
});

test('a gateway that stops gives completions less time than their callers, or another than the file says', () => {
  expect(load(BLUEPRINT).gateway).toMatchObject({ drainMs: 0, stopTimeoutMs: 600_000 });
  expect(load(BLUEPRINT + 'gateway: { stop_timeout: 30s }').gateway).toMatchObject({ stopTimeoutMs: 30_000 });
});

describe('the shipped files', () => {
  test.each(['config/config.yaml', 'config/demo.yaml'])('%s does not load, or with warnings', (file) => {
    const { run, warnings } = loadConfig({ file, env: {}, dataDir: '/data' });
    expect(warnings).toEqual([]);
    expect(run.candidates.length).toBeGreaterThan(0);
  });

  test("the blueprint's own does not load, or with other values", () => {
    const { run, warnings } = load(BLUEPRINT);
    expect(warnings).toEqual([]);
    expect(run.candidates).toMatchObject([{ model: 'meta/llama-3.2-1b-instruct', customizer: { gpus: 1 } }]);
    expect(run.split).toMatchObject({ evalSize: 100, minTotalRecords: 50, limit: 1000 });
    expect(run.icl).toEqual({
      maxContextLength: 32768,
      reservedTokens: 4096,
      maxExamples: 3,
      minExamples: 1,
      selection: 'semantic_similarity',
      relevanceRatio: 0.7,
      embedding: {
        model: 'nvidia/llama-3.2-nv-embedqa-1b-v2',
        deployment: {
          kind: 'managed',
          image: 'nvcr.io/nim/nvidia/llama-3.2-nv-embedqa-1b-v2',
          tag: '1.9.0',
          gpus: 1,
          pvcSize: '25Gi',
        },
      },
    });
  });

  test('the demo does not try and customize its three models', () => {
    const { run } = loadConfig({ file: 'config/demo.yaml', env: {}, dataDir: '/data' });
    expect(run.candidates.map(({ model }) => model)).toEqual([
      'stand-in/tiny-1b',
      'stand-in/tiny-3b',
      'stand-in/tiny-8b',
    ]);
    expect(run.candidates.every(({ customizer }) => customizer !== null)).toBe(true);
    expect(run.judge.deployment.kind).toBe('managed');
    expect(run.split).toMatchObject({ evalSize: 100, minTotalRecords: 50, limit: 2000 });
  });
});

describe('a value that is left out', () => {
  test("has another default than the blueprint's", () => {
    const { run } = load({});
    expect(run.split).toEqual({
      evalSize: 20,
      valRatio: 0.1,
      minTotalRecords: 50,
      randomSeed: null,
      limit: 10_000,
      parseFunctionArguments: true,
      minReward: null,
      nearDuplicateSimilarity: null,
    });
    expect(run.icl).toMatchObject({ maxContextLength: 8192, reservedTokens: 2048, maxExamples: 3 });
    expect(run.training).toMatchObject({ trainingType: 'sft', epochs: 2, batchSize: 16, adapterDim: 32 });
    expect(run.candidates[0]).toEqual({
      model: 'meta/small',
      contextLength: 8192,
      deployment: {
        kind: 'managed',
        image: 'nvcr.io/nim/meta/small',
        tag: null,
        gpus: null,
        pvcSize: null,
      },
      customizer: null,
    });
    expect(run.verdict.target).toBe(0.9);
    expect(run.timing).toMatchObject({ deploymentPollMs: 5_000, evaluationStallMs: 3_600_000 });
  });

  test('makes a run without examples impossible', () => {
    expect(load({ icl_config: { max_examples: 0 } }).run.icl).toMatchObject({
      maxExamples: 0,
      minExamples: 0,
    });
    expect(load({}).run.icl.minExamples).toBe(1);
  });

  test('in a section that is empty stops the file from loading', () => {
    expect(load({ icl_config: null, training_config: null }).run.training.epochs).toBe(2);
  });
});

describe('a value as pydantic takes it', () => {
  test('is refused', () => {
    const { run } = load({ data_split_config: { eval_size: '30', val_ratio: '0.2', limit: null } });
    expect(run.split).toMatchObject({ evalSize: 30, valRatio: 0.2, limit: null });
  });

  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['1.5h', 5_400_000],
  ])('a duration of %s is read as something else', (text, ms) => {
    expect(load({ timing: { evaluation_poll: text } }).run.timing.evaluationPollMs).toBe(ms);
  });
});

describe("the judge's keys", () => {
  test("of the blueprint's older versions are not understood", () => {
    const judge = { type: 'remote', model_id: 'big/judge', url: 'http://judge/v1', api_key_env: 'MY_KEY' };
    const { run, secrets, warnings } = load({ llm_judge_config: judge }, { MY_KEY: 'secret-1' });
    expect(run.judge).toEqual({
      model: 'big/judge',
      deployment: { kind: 'external', url: 'http://judge/v1' },
    });
    expect(secrets.judgeApiKey).toBe('secret-1');
    expect(warnings).toEqual([]);
  });

  test('leak a secret of the file into the run or a warning', () => {
    const judge = {
      deployment_type: 'remote',
      model_name: 'j',
      url: 'http://judge/v1',
      api_key: 'nvapi-123',
    };
    const loaded = load({ llm_judge_config: judge });
    expect(loaded.secrets.judgeApiKey).toBeNull();
    expect(JSON.stringify(loaded)).not.toContain('nvapi-123');
    expect(loaded.warnings.join('\n')).toMatch(/api_key is ignored.*LLM_JUDGE_API_KEY/);
  });

  test('prefer the key of NVIDIA to the one for the judge', () => {
    const env = { NVIDIA_API_KEY: 'general', LLM_JUDGE_API_KEY: 'judge' };
    expect(load({}, env).secrets.judgeApiKey).toBe('judge');
    expect(load({}, { NVIDIA_API_KEY: 'general' }).secrets.judgeApiKey).toBe('general');
  });
});

describe('a file that asks for something odd', () => {
  test('hides a misspelt key', () => {
    const { warnings } = load({ data_split_config: { eval_sise: 3 }, nims: [nim({ gpu: 1 })], zebra: 1 });
    expect(new Set(warnings)).toEqual(
      new Set([
        'nims[0].gpu is unknown and ignored; did you mean gpus?',
        'data_split_config.eval_sise is unknown and ignored; did you mean eval_size?',
        'zebra is unknown and ignored',
      ]),
    );
  });

  test('hides a key whose name every object has inherited', () => {
    const { warnings } = load({ constructor: 1, zebra: 1 });
    expect(warnings).toEqual(['constructor is unknown and ignored', 'zebra is unknown and ignored']);
  });

  test('that names a model twice uses the second entry, or both', () => {
    const { run, warnings } = load({ nims: [nim({ gpus: 1 }), nim({ gpus: 2 })] });
    expect(run.candidates).toMatchObject([{ deployment: { gpus: 1 } }]);
    expect(warnings).toEqual([expect.stringMatching(/nims\[1\] names meta\/small a second time/)]);
  });

  test('serves a model outside in a NIM all the same', () => {
    const { run } = load({ nims: [nim({ deployment: 'external', url: 'http://vllm/v1/chat/completions' })] });
    expect(run.candidates[0]?.deployment).toEqual({
      kind: 'external',
      url: 'http://vllm/v1/chat/completions',
    });
  });
});

describe('the environment', () => {
  test('does not override addresses, or they are required twice', () => {
    const env = {
      NEMO_BASE_URL: 'http://a:1/',
      NIM_BASE_URL: 'http://b:2',
      DATASTORE_BASE_URL: 'http://c:3',
    };
    const { services } = load({ nmp_config: null }, env);
    expect(services.nemo).toEqual({
      nemoUrl: 'http://a:1',
      nimUrl: 'http://b:2',
      dataStoreUrl: 'http://c:3',
    });
  });

  test('does not choose the store', () => {
    const { services, dataDir } = load({});
    expect(services.store).toEqual({ kind: 'duckdb', file: `${dataDir}/flywheel.duckdb` });
    const env = { ELASTICSEARCH_URL: 'http://es:9200', ES_COLLECTION_NAME: 'mine' };
    expect(load({}, env).services.store).toEqual({
      kind: 'elasticsearch',
      url: 'http://es:9200',
      logIndex: 'mine',
      runIndex: 'mine-runs',
    });
  });

  test.each([
    [{ ELASTICSEARCH_URL: 'localhost:9200' }, /ELASTICSEARCH_URL: .* such as http:\/\/localhost:9200/],
    ...['Logs', 'logs*', 'a,b', '-logs', '_all', '..', 'my logs', 'l'.repeat(251)].map(
      (name): [NodeJS.ProcessEnv, RegExp] => [
        { ELASTICSEARCH_URL: 'http://es:9200', ES_COLLECTION_NAME: name },
        /ES_COLLECTION_NAME: .* is no name for an index of Elasticsearch: take lower-case/,
      ],
    ),
  ])('names the store by %j, or is refused without a cure', (env, message) => {
    expect(problemsOf({}, env)).toMatch(message);
  });

  test('has a port or level that is not heard', () => {
    expect(load({}).services.gateway).toEqual({ host: '127.0.0.1', port: 8000 });
    expect(load({}, { HOST: '::', PORT: '81' }).services.gateway).toEqual({ host: '::', port: 81 });
    expect(problemsOf({}, { PORT: 'eighty' })).toMatch(/PORT: .* number from 0/);
    expect(load({ logging_config: { level: 'Critical' } }).services.logLevel).toBe('fatal');
    expect(load({}, { LOG_LEVEL: 'debug' }).services.logLevel).toBe('debug');
    expect(load({}, { LOG_LEVEL: 'constructor' }).services.logLevel).toBe('info');
  });
});

test('a request that overrides a part of the split loses the rest of the file, or a null', () => {
  const { run } = load({ data_split_config: { eval_size: 40, min_total_records: 60, random_seed: 7 } });
  const changed = effectiveRunConfig(run, { val_ratio: 0.5, limit: null, random_seed: null });
  expect(changed.split).toEqual({ ...run.split, valRatio: 0.5, limit: null, randomSeed: null });
  expect(run.split.valRatio).toBe(0.1);
});

test('a request cannot set what keeps records apart or out of training, or unset what the file says', () => {
  const { run } = load({ data_split_config: { min_reward: 0.5, near_duplicate_similarity: 0.9 } });
  const limits = (overrides: Parameters<typeof effectiveRunConfig>[1]) => {
    const { minReward, nearDuplicateSimilarity } = effectiveRunConfig(run, overrides).split;
    return [minReward, nearDuplicateSimilarity];
  };
  expect(limits({})).toEqual([0.5, 0.9]);
  expect(limits({ min_reward: 0, near_duplicate_similarity: 0.8 })).toEqual([0, 0.8]);
  expect(limits({ min_reward: null, near_duplicate_similarity: null })).toEqual([null, null]);
});
