import { expect, test } from 'vitest';
import { load } from './config-file.js';

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
