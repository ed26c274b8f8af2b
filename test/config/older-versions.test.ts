import { expect, test } from 'vitest';
import { inspect, load, problemsOf, SMALLEST } from './config-file.js';

/** As version 0.1 of the blueprint was configured. */
const FIRST = `
nmp_config:
  nemo_base_url: http://nemo.test
  nim_base_url: http://nim.test
  datastore_base_url: http://data-store.test
  nim_parallelism: 1
  nmp_namespace: dfwbp
logging_config: { level: INFO }
llm_judge_config:
  type: remote
  url: https://integrate.api.nvidia.com/v1/chat/completions
  model_id: nvdev/meta/llama-3.3-70b-instruct
  api_key_env: NVCF_API_KEY
nims:
  - { model_name: meta/llama-3.2-1b-instruct, context_length: 8192, gpus: 1, pvc_size: 25Gi, tag: 1.8.3 }
  - { model_name: meta/llama-3.1-8b-instruct, context_length: 8192, gpus: null, pvc_size: null }
data_split_config: { eval_size: 20, val_ratio: 0.1, min_total_records: 50, random_seed: null }
icl_config: { max_context_length: 32768, reserved_tokens: 4096, max_examples: 3, min_examples: 1 }
training_config: { training_type: sft, finetuning_type: lora, epochs: 2, batch_size: 16, learning_rate: 0.0001 }
lora_config: { adapter_dim: 32, adapter_dropout: 0.1 }
`;

test("a file of the blueprint's first version does not load, or another judge is used", () => {
  const { run, secrets, warnings } = load(FIRST, { NVCF_API_KEY: 'key-1', NVIDIA_API_KEY: 'key-2' });
  expect(run.judge).toEqual({
    model: 'nvdev/meta/llama-3.3-70b-instruct',
    deployment: { kind: 'external', url: 'https://integrate.api.nvidia.com/v1/chat/completions' },
  });
  expect(secrets.judgeApiKey).toBe('key-1');
  expect(run.candidates).toHaveLength(2);
  expect(run.split).toMatchObject({ evalSize: 20, limit: 10_000 });
  expect(warnings).toEqual([
    'nmp_config.nim_parallelism is ignored: candidates are tried at once as far as gpu_pool.total_gpus allows',
  ]);
});

test('its local judge is not deployed', () => {
  const local = FIRST.replace('type: remote', 'type: local').replace('model_id', 'model_name');
  const { run } = load(local);
  expect(run.judge.deployment).toMatchObject({ kind: 'managed' });
});

const { nmp_config } = SMALLEST;

/** With every key of the file that came with 0.1 and 0.2, whose judge is a local one. */
const shipped = (split: object) => ({
  nmp_config: { ...nmp_config, nmp_namespace: 'dfwbp' },
  logging_config: { level: 'INFO' },
  llm_judge_config: {
    type: 'local',
    model_name: 'meta/llama-3.3-70b-instruct',
    context_length: 32768,
    gpus: 4,
    pvc_size: '25Gi',
    tag: '1.8.5',
  },
  nims: [
    {
      model_name: 'meta/llama-3.2-1b-instruct',
      context_length: 8192,
      gpus: 1,
      pvc_size: '25Gi',
      tag: '1.8.3',
      customization_enabled: true,
    },
  ],
  data_split_config: {
    eval_size: 100,
    val_ratio: 0.1,
    min_total_records: 50,
    random_seed: null,
    limit: 1000,
    ...split,
  },
  icl_config: { max_context_length: 32768, reserved_tokens: 4096, max_examples: 3, min_examples: 1 },
  training_config: {
    training_type: 'sft',
    finetuning_type: 'lora',
    epochs: 2,
    batch_size: 16,
    learning_rate: 0.0001,
  },
  lora_config: { adapter_dim: 32, adapter_dropout: 0.1 },
});

test.each([
  ['0.1', shipped({})],
  ['0.2', shipped({ parse_function_arguments: true })],
])('the file that came with the blueprint %s does not load, or trains nothing', (_version, file) => {
  const { run, warnings } = load(file);
  expect(run.candidates).toMatchObject([
    {
      model: 'meta/llama-3.2-1b-instruct',
      deployment: { kind: 'managed', gpus: 1, pvcSize: '25Gi' },
      customizer: { target: 'meta/llama-3.2-1b-instruct@2.0', gpus: 1, numNodes: 1, tensorParallelSize: 1 },
    },
  ]);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^nims\[0\]\.customizer_configs is missing, .* the target meta\/llama-3\.2-1b-instruct@2\.0 on 1 GPU;/,
    ),
  ]);
  const shown = inspect(file).values.find(({ key }) => key === 'nims[0].customizer_configs.target');
  expect(shown).toMatchObject({ value: '"meta/llama-3.2-1b-instruct@2.0"', origin: 'default' });
});

test('a candidate of an older file is trained on other GPUs than it is served on, or served on other ones', () => {
  const file = shipped({});
  const nims = [{ gpus: 4 }, { gpus: null }].map((gpus, n) => ({
    ...file.nims[0],
    model_name: `m/${n}`,
    ...gpus,
  }));
  const { candidates } = load({ ...file, nims }).run;
  expect(candidates.map(({ customizer }) => customizer)).toMatchObject([
    { gpus: 4, tensorParallelSize: 4 },
    { gpus: 1, tensorParallelSize: 1 },
  ]);
  expect(candidates.map(({ deployment }) => deployment)).toMatchObject([{ gpus: 4 }, { gpus: null }]);
});

test('what an older file says of a customization is replaced, or a file of 0.3 is completed', () => {
  const file = shipped({});
  const [nim] = file.nims;
  const own = { ...nim, customizer_configs: { target: 'mine@1', gpus: 2 } };
  const { run, warnings } = load({
    ...file,
    nims: [own, { ...nim, model_name: 'm', customization_enabled: false }],
  });
  expect(run.candidates.map(({ customizer }) => customizer?.target)).toEqual(['mine@1', undefined]);
  expect(warnings).toEqual([]);
  const { type, ...judge } = file.llm_judge_config;
  for (const newer of [{ ...judge, deployment_type: type }, { ...judge, type, deployment_type: type }, judge])
    expect(problemsOf({ ...file, llm_judge_config: newer })).toMatch(/customizer_configs is required/);
});

test('a remote judge of 0.1 is called by the name of the local one beside it', () => {
  const both = FIRST.replace('model_id:', 'model_name: meta/local-judge\n  model_id:');
  expect(load(both).run.judge.model).toBe('nvdev/meta/llama-3.3-70b-instruct');
  expect(inspect(both).values).toContainEqual({
    key: 'llm_judge_config.model_name',
    value: '"nvdev/meta/llama-3.3-70b-instruct"',
    origin: 'file, as llm_judge_config.model_id',
  });
  expect(load(both.replace('type: remote', 'type: local')).run.judge.model).toBe('meta/local-judge');
  expect(load(both.replace('type: remote', 'deployment_type: remote')).run.judge.model).toBe(
    'meta/local-judge',
  );
});
