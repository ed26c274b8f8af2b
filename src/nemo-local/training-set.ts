import { z } from 'zod';
import { openDatasetFiles, parseJsonLines, type DatasetFiles } from './dataset-files.js';
import type { ChatMessage, TrainingRow } from './engine/types.js';
import type { Platform } from './platform.js';

export interface TrainingSet {
  rows: TrainingRow[];
  validation: TrainingRow[];
}

/**
 * Reads `training/*.jsonl` and `validation/*.jsonl` of a registered dataset; without a validation folder a tenth of the
 * training rows is held out. Throws an Error that says what is wrong with which line.
 */
export function readTrainingSet(platform: Platform, dataset: string): TrainingSet {
  const entity = platform.datasets.get(dataset);
  if (!entity) throw new Error(`dataset ${dataset} is not registered in the entity store`);
  const source = openDatasetFiles(platform, String(entity['files_url']));
  const rows = readRows(source, 'training');
  const validation = readRows(source, 'validation');
  if (rows.length === 0)
    throw new Error(`dataset ${dataset} has no training row: training/*.jsonl is missing or empty`);
  if (validation.length > 0) return { rows, validation };
  const kept = Math.ceil(rows.length * 0.9);
  return { rows: rows.slice(0, kept), validation: rows.slice(kept) };
}

const readRows = (source: DatasetFiles, folder: string): TrainingRow[] =>
  source.files
    .filter(({ path }) => path.startsWith(`${folder}/`) && path.endsWith('.jsonl'))
    .flatMap((file) =>
      parseJsonLines(source.read(file), file.path).map(({ line, value }) =>
        toRow(value, `${file.path} line ${line}`),
      ),
    );

const Row = z.object({
  messages: z
    .array(z.looseObject({ role: z.string() }))
    .min(1)
    .refine(
      (messages) => messages.at(-1)?.role === 'assistant',
      'the last message must be from the assistant',
    ),
  tools: z
    .array(z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: z.string() }) }))
    .nullish(),
});

function toRow(value: unknown, place: string): TrainingRow {
  const { data, error } = Row.safeParse(value);
  if (!data) {
    const issue = error.issues[0];
    throw new Error(`${place}: ${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'malformed'}`);
  }
  // Loose objects: the further members are the wire's own and read as unknown.
  const messages: ChatMessage[] = data.messages;
  return data.tools ? { messages, tools: data.tools } : { messages };
}
