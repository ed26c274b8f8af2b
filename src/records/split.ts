import { groupByConversation } from './conversations.js';
import type { Digests } from './digests.js';
import { draw } from './draw.js';
import { seededRandom } from './random.js';

export interface SplitRequest {
  evalSize: number;
  /** Share of what is not evaluated, 0 <= x < 1. */
  valRatio: number;
  seed: number;
}

/** Numbers of records, as in the digests. */
export interface Split {
  evaluation: Uint32Array;
  training: Uint32Array;
  validation: Uint32Array;
  conversations: number;
  warnings: string[];
}

/** A split that these records do not allow; the message says why and what to change. */
export class SplitError extends Error {
  override readonly name = 'SplitError';
}

/**
 * Splits records so that no conversation is on two sides. Whole conversations are drawn, seeded, so that the sizes
 * come out exact where they can and the tools are spread as in the whole.
 */
export function splitRecords(
  digests: Digests,
  records: Uint32Array,
  { evalSize, valRatio, seed }: SplitRequest,
): Split {
  if (evalSize >= records.length)
    throw new SplitError(
      `eval_size cannot be larger than the total number of records. eval_size is ${evalSize}, and ${records.length} ` +
        'records can be used, of which some must be left to train on: lower data_split_config.eval_size.',
    );
  const { groups, openings, warnings } = groupByConversation(digests, records);
  if (groups.count < 2)
    throw new SplitError(
      `All ${records.length} records begin alike, as one conversation does, which cannot be in both evaluation and ` +
        'training: log a session_id for each conversation.',
    );
  const random = seededRandom(seed);
  const all = Array.from({ length: groups.count }, (_, group) => group);
  const evaluation = draw(digests, groups, all, evalSize, random);
  const rest = sizeOf(evaluation.left) + openings.length;
  const validationSize = Math.round(rest * valRatio);
  const validation =
    validationSize > 0 && evaluation.left.length > 1
      ? draw(digests, groups, evaluation.left, validationSize, random)
      : { drawn: [], left: evaluation.left };
  return {
    evaluation: recordsOf(evaluation.drawn),
    validation: recordsOf(validation.drawn),
    training: recordsOf(validation.left, openings),
    conversations: groups.count,
    warnings: [...warnings, ...sizeWarning(evalSize, sizeOf(evaluation.drawn))],
  };

  function sizeOf(drawn: readonly number[]): number {
    return drawn.reduce((sum, group) => sum + groups.sizeOf(group), 0);
  }

  function recordsOf(drawn: readonly number[], more: Uint32Array = new Uint32Array(0)): Uint32Array {
    const size = sizeOf(drawn);
    const found = new Uint32Array(size + more.length);
    let end = 0;
    for (const group of drawn) {
      found.set(groups.at(group), end);
      end += groups.sizeOf(group);
    }
    found.set(more, size);
    return found;
  }
}

const sizeWarning = (wanted: number, size: number): string[] =>
  size === wanted
    ? []
    : [`eval_size: ${size} rows instead of ${wanted}, the nearest that whole conversations allow`];
