import { describe, expect, test } from 'vitest';
import { ConfigError, effectiveRunConfig, loadConfig } from '../../src/config/index.js';
import { load, SMALLEST } from './config-file.js';

const nim = (changes: object) => ({ model_name: 'meta/small', context_length: 8192, ...changes });

describe('the shipped files', () => {
  test.each(['config/config.yaml', 'config/demo.yaml'])('%s does not load, or with warnings', (file) => {
    const { run, warnings, unsupported } = loadConfig({ file, env: {}, dataDir: '/data' });
    expect(warnings).toEqual([]);
    expect(unsupported).toEqual([]);
    expect(run.candidates.length).toBeGreaterThan(0);
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

  test('that names a model twice uses the second entry, or both', () => {
    const { run, warnings } = load({ nims: [nim({ gpus: 1 }), nim({ gpus: 2 })] });
    expect(run.candidates).toMatchObject([{ deployment: { gpus: 1 } }]);
    expect(warnings).toEqual([expect.stringMatching(/nims\[1\] names meta\/small a second time/)]);
  });

  test("that wants semantic similarity, as the blueprint's own does, cannot be loaded", () => {
    const { unsupported, warnings } = load({
      icl_config: {
        example_selection: 'semantic_similarity',
        similarity_config: { relevance_ratio: 0.7, embedding_nim_config: { deployment_type: 'local' } },
      },
    });
    expect(unsupported).toEqual([expect.stringMatching(/set it to uniform_distribution/)]);
    expect(warnings).toEqual(unsupported);
  });

  test('serves a model outside in a NIM all the same', () => {
    const { run } = load({ nims: [nim({ deployment: 'external', url: 'http://vllm/v1/chat/completions' })] });
    expect(run.candidates[0]?.deployment).toEqual({
      kind: 'external',
      url: 'http://vllm/v1/chat/completions',
    });
  });
});

const problemsOf = (content: object | string, env?: NodeJS.ProcessEnv): string => {
  try {
    load(content, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'no problem';
};

describe('a mistake in the file', () => {
  test.each<[string, object, RegExp]>([
    ['no model', { nims: [] }, /nims: At least one NIM must be configured/],
    [
      'customization without its configuration',
      { nims: [nim({ customization_enabled: true })] },
      /nims\[0\]\.customizer_configs: customizer_configs is required when customization_enabled is set to True/,
    ],
    [
      'more examples than evaluation rows',
      { icl_config: { max_examples: 10 }, data_split_config: { eval_size: 5 } },
      /ICL max_examples \(10\) cannot exceed data split eval_size \(5\)/,
    ],
    [
      'a tag that is a number',
      { nims: [nim({ tag: 1.8 })] },
      /nims\[0\]\.tag: Input should be a valid string/,
    ],
    ['a ratio of one', { data_split_config: { val_ratio: 1 } }, /val_ratio: Input should be less than 1/],
    ['a duration without unit', { timing: { retry_initial: 5 } }, /retry_initial: .* such as 500ms, 5s/],
    [
      'semantic similarity alone',
      { icl_config: { example_selection: 'semantic_similarity' } },
      /similarity_config is required/,
    ],
    ['no model name', { nims: [{ context_length: 1 }] }, /nims\[0\]\.model_name: Field required/],
    [
      'two models of one deployment name',
      { nims: [nim({}), nim({ model_name: 'meta-small' })] },
      /same name, meta-small/,
    ],
    [
      'a judge that is a candidate of another size',
      { nims: [nim({ model_name: 'meta/judge', gpus: 1 })] },
      /one model is deployed once/,
    ],
    [
      'a remote judge without url',
      { llm_judge_config: { deployment_type: 'remote', model_name: 'j' } },
      /llm_judge_config\.url/,
    ],
    [
      'an address that is none',
      { nmp_config: { ...SMALLEST.nmp_config, nim_base_url: 'nim' } },
      /nim_base_url: .* URL .* set NIM_BASE_URL/,
    ],
  ])('%s is accepted, or not explained', (_what, content, message) => {
    expect(problemsOf(content)).toMatch(message);
    expect(problemsOf(content)).toMatch(/^\/.*config\.yaml: /);
  });

  test('hides the next one', () => {
    const lines = problemsOf({ nims: [], training_config: { epochs: 'x' }, verdict: { target: 2 } }).split(
      '\n',
    );
    expect(lines).toHaveLength(3);
  });

  test('of YAML is shown without its line', () => {
    expect(problemsOf('nims: [')).toMatch(/config\.yaml: cannot be read: .*line 1/s);
  });

  test('that is a missing file is shown as a stack', () => {
    expect(() => loadConfig({ file: '/none.yaml', env: {}, dataDir: '/' })).toThrow(
      /^\/none\.yaml: cannot be read/,
    );
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

  test('has a port or level that is not heard', () => {
    expect(load({}).services.gateway).toEqual({ host: '127.0.0.1', port: 8000 });
    expect(load({}, { HOST: '::', PORT: '81' }).services.gateway).toEqual({ host: '::', port: 81 });
    expect(problemsOf({}, { PORT: 'eighty' })).toMatch(/PORT: .* number from 0/);
    expect(load({ logging_config: { level: 'Critical' } }).services.logLevel).toBe('fatal');
    expect(load({}, { LOG_LEVEL: 'debug' }).services.logLevel).toBe('debug');
  });
});

test('a request that overrides a part of the split loses the rest of the file, or a null', () => {
  const { run } = load({ data_split_config: { eval_size: 40, min_total_records: 60, random_seed: 7 } });
  const changed = effectiveRunConfig(run, { val_ratio: 0.5, limit: null, random_seed: null });
  expect(changed.split).toEqual({ ...run.split, valRatio: 0.5, limit: null, randomSeed: null });
  expect(run.split.valRatio).toBe(0.1);
});
