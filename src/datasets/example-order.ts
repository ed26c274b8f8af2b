import type { IclConfig } from '../config/run-config.js';
import { exampleCandidates, examplesFor } from '../records/in-context.js';
import { examplesByRelevance } from '../records/relevance.js';
import type { Split } from '../records/split.js';
import type { RowSource } from './dataset-files.js';
import type { DatasetServices } from './request.js';
import { similarRows } from './similar-rows.js';

/** Training rows found for each example that is wanted: some bring a tool that is shown already, some do not fit. */
const FOUND_PER_EXAMPLE = 5;

const NOT_ASKED =
  'icl_config.example_selection is semantic_similarity, but only a job asks the embedding model: here the examples are ' +
  'spread over the tools';

/** In which order training rows are tried as examples for an evaluation row: numbers of records, as in the digests. */
export interface ExampleOrder {
  of: (row: number) => number[];
  warnings: string[];
}

export async function exampleOrder(
  { embedding }: Pick<DatasetServices, 'embedding'>,
  { spool, digests }: RowSource,
  { evaluation, training: learned, openings }: Split,
  icl: IclConfig,
  seed: number,
): Promise<ExampleOrder> {
  const most = icl.maxExamples;
  const isOpening = new Set(openings);
  const training = learned.filter((record) => !isOpening.has(record));
  const groups = exampleCandidates(digests, training, most);
  let place = 0;
  const uniformly = () => examplesFor(groups, place++, most);
  if (icl.selection === 'uniform_distribution') return { of: uniformly, warnings: [] };
  if (embedding === null) return { of: uniformly, warnings: [NOT_ASKED] };

  let compared = 0;
  const similar = await similarRows({
    evaluation,
    training: training.slice().sort((a, b) => digests.compareConversations(a, b) || digests.compareIds(a, b)),
    read: (row) => spool.read(digests.placeOf(row)),
    embed: embedding(icl.embedding, () => ({ embedding: ++compared })),
    seed,
    most: most * FOUND_PER_EXAMPLE,
  });
  const without = evaluation.filter((row) => !similar.has(row)).length;
  return {
    of: (row) => {
      const nearest = similar.get(row) ?? [];
      if (nearest.length === 0) return uniformly();
      return examplesByRelevance(nearest, digests.labelOf, most, icl.relevanceRatio);
    },
    warnings:
      without === 0
        ? []
        : [`${without} evaluation rows hold no text to compare: their examples are spread over the tools`],
  };
}
