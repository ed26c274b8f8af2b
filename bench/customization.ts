// How fast nemo-local customizes, and whether it answers others meanwhile.
import { toTrainingRow } from '../src/records/rows.js';
import { measureJobs } from './support/job-bench.js';
import { exactly, readOptions, readRecords } from './support/options.js';
import { withPlatform } from './support/platform.js';

const { logs, rows: count } = readOptions();
const MODELS = ['meta/tiny-1b', 'meta/tiny-3b', 'meta/tiny-8b'];
const EPOCHS = 2;

const rows = exactly(count, await readRecords(logs)).map(toTrainingRow);

await withPlatform(async (platform) => {
  // Validation rows are few, so that what is measured is training.
  await platform.upload('train', { 'training/t.jsonl': rows, 'validation/v.jsonl': rows.slice(0, 50) });
  const customize = (target: string) => () =>
    platform.run('/v1/customization/jobs', {
      config: {
        target,
        training_options: [
          { training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 },
        ],
        max_seq_length: 4096,
      },
      dataset: 'bench/train',
      output_model: `bench/customized-${target.replaceAll('/', '-')}`,
      hyperparameters: { finetuning_type: 'lora', epochs: EPOCHS, batch_size: 16, lora: { adapter_dim: 32 } },
    });
  const jobs = MODELS.map((model) => [`${model}, ${count} rows × ${EPOCHS} epochs`, customize(model)]);
  await measureJobs(platform, count * EPOCHS, Object.fromEntries(jobs));
});
