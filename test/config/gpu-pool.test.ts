import { describe, expect, test } from 'vitest';
import { load, nim, problemsOf } from './config-file.js';

const judge = { deployment_type: 'local', model_name: 'meta/judge', gpus: 2 };
const small = (changes: object = {}) => nim({ gpus: 1, ...changes });
const trained = (gpus: number, num_nodes = 1) =>
  small({ customization_enabled: true, customizer_configs: { target: 'meta/small@2', gpus, num_nodes } });
const problems = (total_gpus: number | null, nims: object[], llm_judge_config: object = judge) =>
  problemsOf({ gpu_pool: { total_gpus }, nims, llm_judge_config });

describe('a GPU budget', () => {
  test('is not read, or has another default', () => {
    const gpu_pool = { total_gpus: 8, idle_ttl: '1m', patience: '2m', pass_interval: '3m', grace: '4m' };
    expect(load({ gpu_pool }).gpuPool).toEqual({
      totalGpus: 8,
      idleTtlMs: 60_000,
      patienceMs: 120_000,
      passIntervalMs: 180_000,
      graceMs: 240_000,
    });
    expect(load({ gpu_pool: { sweep_interval: '5m' } }).sweepIntervalMs).toBe(300_000);
    expect(load({}).sweepIntervalMs).toBe(900_000);
    expect(load({}).gpuPool).toEqual({
      totalGpus: null,
      idleTtlMs: 600_000,
      patienceMs: 600_000,
      passIntervalMs: 300_000,
      graceMs: 300_000,
    });
  });

  test('in which judge and candidate do not fit together is accepted, or one in which they do is refused', () => {
    expect(problems(2, [small()])).toMatch(
      /meta\/small.*needs 1 and the judge 2, together 3 GPUs, and gpu_pool.total_gpus is 2: raise/,
    );
    expect(problems(3, [small()])).toBe('no problem');
    expect(problems(null, [small()])).toBe('no problem');
    expect(problems(1, [small()], { ...judge, deployment_type: 'external' })).toBe('no problem');
    // The candidate is the judge: it is deployed once.
    expect(problems(1, [small()], { ...judge, model_name: 'meta/small', gpus: 1 })).toBe('no problem');
    expect(problems(1, [small({ gpus: 2, deployment: 'external' })], { ...judge, gpus: 1 })).toBe(
      'no problem',
    );
  });

  test('that an embedding model exceeds is accepted, or one in which it is not deployed is refused', () => {
    const embedded = (
      total_gpus: number,
      deployment_type: string,
      example_selection = 'semantic_similarity',
    ) =>
      problemsOf({
        gpu_pool: { total_gpus },
        llm_judge_config: { ...judge, deployment_type: 'external' },
        icl_config: {
          example_selection,
          similarity_config: {
            embedding_nim_config: { model_name: 'e', deployment_type, gpus: 3 },
          },
        },
      });
    expect(embedded(2, 'local')).toMatch(
      /embedding_nim_config: it needs 3 GPUs, and gpu_pool.total_gpus is 2: raise/,
    );
    expect(embedded(3, 'local')).toBe('no problem');
    expect(embedded(2, 'external')).toBe('no problem');
    expect(embedded(2, 'local', 'uniform_distribution')).toBe('no problem');
  });

  test('that a training exceeds is accepted, or one that it takes whole is refused', () => {
    expect(problems(3, [trained(2, 2)])).toMatch(/training needs 4 GPUs .*gpu_pool.total_gpus is 3: raise/);
    expect(problems(4, [trained(2, 2)])).toBe('no problem');
  });

  test('may be taken away from a job that still runs', () => {
    const grace = (value: string, heartbeat_timeout: string) =>
      problemsOf({ gpu_pool: { grace: value }, timing: { heartbeat_timeout } });
    expect(grace('120s', '60s')).toMatch(
      /gpu_pool.grace: 120 s must be longer than 120 s, .*heartbeat_timeout and the 60 s that NeMo may take/,
    );
    expect(grace('62s', '2s')).toMatch(/gpu_pool.grace: 62 s must be longer than 62 s/);
    expect(grace('63s', '2s')).toBe('no problem');
  });

  test('is swept more often than Temporal can start a sweep', () => {
    expect(problemsOf({ gpu_pool: { sweep_interval: '999ms' } })).toMatch(/sweep_interval: 999 ms must be/);
    expect(load({ gpu_pool: { sweep_interval: '1s' } }).sweepIntervalMs).toBe(1_000);
  });
});
