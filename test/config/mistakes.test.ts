import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import { load, nim, problemsOf, SMALLEST } from './config-file.js';

const semantic = (embedding: object) => ({
  icl_config: {
    example_selection: 'semantic_similarity',
    similarity_config: { embedding_nim_config: embedding },
  },
});

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
      /nims\[0\]\.tag: Input should be a valid string: put it in quotes/,
    ],
    [
      'a number that is none',
      { training_config: { learning_rate: NaN } },
      /training_config\.learning_rate: Input should be greater than 0/,
    ],
    [
      'a number without end',
      { training_config: { learning_rate: Infinity } },
      /training_config\.learning_rate: Input should be a finite number/,
    ],
    ['no judge', { llm_judge_config: null }, /llm_judge_config: .* section with at least model_name/],
    ['no list of models', { nims: null }, /nims: .* list of candidates: add at least one, with model_name/],
    ['a candidate that is a text', { nims: ['meta/small'] }, /nims\[0\]: .* section with model_name/],
    ['a section that is a number', { training_config: 2 }, /training_config: .* such as training_type/],
    [
      'a model without name',
      { nims: [nim({ model_name: ' ' })] },
      /nims\[0\]\.model_name: .* name of a model/,
    ],
    [
      'a judge without name',
      { llm_judge_config: { model_name: '' } },
      /llm_judge_config\.model_name: .* name/,
    ],
    [
      'a candidate at no address',
      { nims: [nim({ deployment: 'external', url: 'vllm:8000' })] },
      /nims\[0\]\.url: .* full URL of chat completions, such as http:/,
    ],
    [
      'a judge at no address',
      { llm_judge_config: { deployment_type: 'remote', model_name: 'j', url: 'judge.example/v1' } },
      /llm_judge_config\.url: .* full URL/,
    ],
    [
      'a limit below the minimum of records',
      { data_split_config: { limit: 49 } },
      /data_split_config\.limit: limit \(49\) cannot be less than min_total_records \(50\).*: raise/,
    ],
    [
      'no room for examples',
      { icl_config: { max_context_length: 2048 } },
      /max_context_length \(2048\) must be more than reserved_tokens \(2048\).*: raise/,
    ],
    [
      'more examples at least than at most',
      { icl_config: { min_examples: 4 } },
      /icl_config\.min_examples: .*\(4\) cannot exceed max_examples \(3\): lower/,
    ],
    [
      'a wait of centuries',
      { timing: { evaluation_stall: '900000h' } },
      /evaluation_stall: .* at most 8760h/,
    ],
    ['a look once a week', { timing: { evaluation_poll: '168h' } }, /evaluation_poll: .* at most 24h/],
    ['a ratio of one', { data_split_config: { val_ratio: 1 } }, /val_ratio: Input should be less than 1/],
    ['a duration without unit', { timing: { retry_initial: 5 } }, /retry_initial: .* such as 500ms, 5s/],
    [
      'semantic similarity alone',
      { icl_config: { example_selection: 'semantic_similarity' } },
      /similarity_config is required/,
    ],
    [
      'an embedding model without name',
      semantic({}),
      /embedding_nim_config\.model_name: Field required: name/,
    ],
    [
      'a remote embedding model without url',
      semantic({ model_name: 'e', deployment_type: 'remote' }),
      /embedding_nim_config\.url: .* full URL of its embeddings/,
    ],
    [
      'an embedding endpoint that is no URL',
      semantic({ model_name: 'e', deployment_type: 'external', url: 'tei' }),
      /embedding_nim_config\.url: Input should be the full URL of embeddings/,
    ],
    [
      'an embedding model that is a candidate of another size',
      { ...semantic({ model_name: 'meta/small', gpus: 2 }), nims: [nim({ gpus: 1 })] },
      /nims \(meta\/small\): icl_config\.similarity_config\.embedding_nim_config names the same model/,
    ],
    [
      'a similarity of duplicates in percent',
      { data_split_config: { near_duplicate_similarity: 90 } },
      /near_duplicate_similarity: Input should be less than or equal to 1/,
    ],
    [
      'a reward in words',
      { data_split_config: { min_reward: 'good' } },
      /min_reward: Input should be a valid number/,
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
      'a password in the address of NeMo',
      { nmp_config: { ...SMALLEST.nmp_config, nemo_base_url: 'http://user:hunter2@nemo' } },
      /nmp_config\.nemo_base_url: .* without user and password, .*: NeMo is called without a login/,
    ],
    [
      'an address of NeMo that goes on behind its path',
      { nmp_config: { ...SMALLEST.nmp_config, nim_base_url: 'http://nim/?key=hunter2' } },
      /nmp_config\.nim_base_url: .* without \? and #/,
    ],
    [
      'a password in the address of a judge',
      { llm_judge_config: { deployment_type: 'remote', model_name: 'j', url: 'https://u:hunter2@judge/v1' } },
      /llm_judge_config\.url: .* without user and password, .*: set the key in LLM_JUDGE_API_KEY/,
    ],
    [
      'a token in the address of a candidate',
      { nims: [nim({ deployment: 'external', url: 'https://hunter2@vllm/v1/chat/completions' })] },
      /nims\[0\]\.url: .* without user and password, .*: no candidate is sent a key/,
    ],
    [
      'a password in the address of an embedding model',
      semantic({ model_name: 'e', deployment_type: 'remote', url: 'https://u:hunter2@emb/v1/embeddings' }),
      /embedding_nim_config\.url: .* without user and password, .*: set the key in EMB_API_KEY/,
    ],
    [
      'an address that is none',
      { nmp_config: { ...SMALLEST.nmp_config, nim_base_url: 'nim' } },
      /nim_base_url: .* URL .* set NIM_BASE_URL/,
    ],
  ])('%s is accepted, or not explained', (_what, content, message) => {
    expect(problemsOf(content)).toMatch(message);
    expect(problemsOf(content)).toMatch(/^\/.*config\.yaml: /);
    expect(problemsOf(content)).not.toContain('hunter2');
  });

  test.each(['NEMO_BASE_URL', 'NIM_BASE_URL', 'DATASTORE_BASE_URL'])(
    'of the variable %s, a password that errors would show, is accepted',
    (name) => {
      const said = problemsOf({}, { [name]: 'http://user:hunter2@nemo' });
      expect(said).toMatch(new RegExp(`: ${name}: .* without user and password`));
      expect(said).not.toContain('hunter2');
    },
  );

  test('is found in a password of Elasticsearch', () => {
    const { services } = load({}, { ELASTICSEARCH_URL: 'http://elastic:hunter2@es:9200' });
    expect(services.store).toMatchObject({ url: 'http://elastic:hunter2@es:9200' });
  });

  test('hides the next one', () => {
    const lines = problemsOf({ nims: [], training_config: { epochs: 'x' }, verdict: { target: 2 } }).split(
      '\n',
    );
    expect(lines).toHaveLength(3);
  });

  test('hides one of another section, or of the environment', () => {
    const lines = problemsOf(
      {
        nmp_config: { nemo_base_url: 'nemo' },
        training_config: { epochs: 'x' },
        data_split_config: { limit: 7 },
        llm_judge_config: { deployment_type: 'remote', model_name: 'j' },
      },
      { PORT: 'http', ELASTICSEARCH_URL: 'es', WORKER_HEALTH_PORT: '-1' },
    ).split('\n');
    expect(lines.map((line) => /yaml: ([\w.]+)/.exec(line)?.[1])).toEqual([
      'training_config.epochs',
      'nmp_config.nemo_base_url',
      'nmp_config.nim_base_url',
      'nmp_config.datastore_base_url',
      'ELASTICSEARCH_URL',
      'PORT',
      'WORKER_HEALTH_PORT',
      'llm_judge_config.url',
      'data_split_config.limit',
    ]);
  });

  test('is blamed on sections that are right', () => {
    // The examples are compared with a number of rows that nobody knows.
    const lines = problemsOf({ data_split_config: { eval_size: 'x' }, icl_config: { max_examples: 50 } });
    expect(lines.split('\n')).toEqual([expect.stringMatching(/data_split_config\.eval_size/)]);
  });

  test('that leaves no section at all is shown without what a file holds', () => {
    expect(problemsOf('hello')).toMatch(
      /config\.yaml: the file should hold nmp_config, .* as config\/config\.yaml/,
    );
    expect(problemsOf('')).toMatch(/llm_judge_config: .*\n.*nims: /);
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
