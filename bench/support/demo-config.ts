import { readFile } from 'node:fs/promises';

/** The demo's configuration with other candidates, each of one GPU for serving and for training, and with few records. */
export async function demoConfig({ models, epochs }: { models: string[]; epochs: number }): Promise<string> {
  const demo = await readFile('config/demo.yaml', 'utf8');
  const nims = models.map(
    (model) =>
      `  - {model_name: ${model}, context_length: 8192, gpus: 1, customization_enabled: true, ` +
      `customizer_configs: {target: ${model}@1.0, gpus: 1, max_seq_length: 8192}}\n`,
  );
  return demo
    .replace(/nims:\n[^]*?(?=\ntraining_config:)/, `nims:\n${nims.join('')}`)
    .replace(/epochs: .*/, `epochs: ${epochs}`)
    .replace(/min_total_records: .*/, 'min_total_records: 20');
}
