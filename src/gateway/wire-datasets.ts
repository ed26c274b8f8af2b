/** What the HTTP API says of datasets: what became of the records, and a preview. */
import { z } from 'zod';
import { count, workloadType } from './wire-words.js';

const ids = z.array(z.string()).describe('ids of a few such records in the store');

export const jobFunnel = z
  .object({
    read: count.describe('records of the workload that were read'),
    rejected: z.array(z.object({ reason: z.string(), count, examples: ids })),
    duplicates: count,
    conflicts: count.describe('duplicates whose answers differ; part of `duplicates`'),
    beyond_limit: count,
    evaluation: count,
    training: count,
    validation: count,
    untrained: z
      .array(z.object({ reason: z.string(), count, examples: ids.exactOptional() }))
      .describe('records that are neither evaluated nor trained on, by reason'),
    conversations: count,
    near_duplicates: z.object({ clusters: count, records: count }).nullable(),
    shared_conversations: count,
    seed: z.number(),
    // Jobs of earlier versions lack it.
    examples: z
      .object({ duplicates: ids, conflicts: ids, beyond_limit: ids, near_duplicates: ids.exactOptional() })
      .exactOptional(),
  })
  .meta({ id: 'Funnel', description: 'What became of every record' });

export type JobFunnel = z.output<typeof jobFunnel>;

const toolCounts = z.record(z.string(), count);

/** What there is to say of datasets but for their rows. */
const datasetDocument = z.object({
  workload_id: z.string(),
  client_id: z.string(),
  workload_type: workloadType,
  sizes: z.object({ evaluation: count, in_context: count, training: count, validation: count }),
  funnel: jobFunnel,
  tools: z
    .object({ evaluation: toolCounts, training: toolCounts, validation: toolCounts })
    .describe('rows by the first tool that their answer calls'),
  warnings: z.array(z.string()),
});

export type DatasetDocument = z.output<typeof datasetDocument>;

const rows = z.array(z.unknown());

/** The answer of `POST /api/datasets/preview`: a few rows of each set as well. */
export const datasetPreview = datasetDocument
  .extend({
    samples: z.object({ evaluation: rows, in_context: rows, training: rows, validation: rows }),
  })
  .meta({ id: 'DatasetPreview' });

export type DatasetPreview = z.output<typeof datasetPreview>;
