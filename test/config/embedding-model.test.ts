import { describe, expect, test } from 'vitest';
import { load } from './config-file.js';

const semantic = (embedding: object, icl: object = {}) => ({
  icl_config: {
    example_selection: 'semantic_similarity',
    similarity_config: { relevance_ratio: null, embedding_nim_config: { model_name: 'e', ...embedding } },
    ...icl,
  },
});

describe('the embedding model', () => {
  test.each([
    ['remote', 'https://emb/v1/embeddings'],
    ['external', null],
    ['external', 'http://tei/v1/embeddings'],
  ])('that is %s (%s) is deployed all the same, or its ratio is lost', (deployment_type, url) => {
    const { run, warnings } = load(semantic({ deployment_type, url }), { EMB_API_KEY: 'k' });
    expect(run.icl).toMatchObject({
      relevanceRatio: 0.7,
      embedding: { model: 'e', deployment: { kind: 'external', url } },
    });
    expect(warnings).toEqual([]);
  });

  test('is deployed for nothing where there is no example, or none is compared', () => {
    const configs = [
      semantic({}, { max_examples: 0 }),
      semantic({}, { example_selection: 'uniform_distribution' }),
    ];
    for (const config of configs) expect(load(config).run.icl.selection).toBe('uniform_distribution');
  });

  test('gets the key of NVIDIA before its own, or leaks one into the run', () => {
    const remote = { deployment_type: 'remote', url: 'https://emb/v1/embeddings' };
    const env = { NVIDIA_API_KEY: 'general', EMB_API_KEY: 'emb-key-1' };
    const loaded = load(semantic(remote), env);
    expect(loaded.secrets.embeddingApiKey).toBe('emb-key-1');
    expect(JSON.stringify([loaded.run, loaded.warnings, loaded.services])).not.toMatch(/emb-key-1|general/);
    expect(load({}, { NVIDIA_API_KEY: 'general' }).secrets.embeddingApiKey).toBe('general');
    expect(load(semantic(remote)).warnings).toEqual([
      expect.stringMatching(/without a key: set EMB_API_KEY/),
    ]);
  });

  test('of an odd kind, or with a url that nobody calls, goes unsaid', () => {
    const { warnings } = load(
      semantic({ deployment_type: 'cloud', url: 'http://u:hunter2@x/v1/embeddings' }),
    );
    expect(warnings.join()).not.toContain('hunter2');
    expect(warnings).toEqual([
      expect.stringMatching(/deployment_type is "cloud" and read as local/),
      expect.stringMatching(/url is ignored: .* say remote to call that URL/),
    ]);
  });
});
