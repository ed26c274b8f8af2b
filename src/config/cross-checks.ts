import type { ConfigFile } from './schema.js';

/** Values that are right each by itself, but with which no run can end well: one sentence each. */
export function contradictions({
  icl_config: icl,
  data_split_config: split,
}: Pick<ConfigFile, 'icl_config' | 'data_split_config'>): string[] {
  const checks: [boolean, string][] = [
    [
      icl.max_examples > split.eval_size,
      `icl_config.max_examples: ICL max_examples (${icl.max_examples}) cannot exceed data split eval_size ` +
        `(${split.eval_size}): lower the one or raise data_split_config.eval_size`,
    ],
    [
      (icl.min_examples ?? 0) > icl.max_examples,
      `icl_config.min_examples: min_examples (${icl.min_examples}) cannot exceed max_examples ` +
        `(${icl.max_examples}): lower the one or raise the other`,
    ],
    [
      icl.max_context_length <= icl.reserved_tokens,
      `icl_config.max_context_length: max_context_length (${icl.max_context_length}) must be more than ` +
        `reserved_tokens (${icl.reserved_tokens}), or no example fits: raise the one or lower the other`,
    ],
  ];
  return checks.flatMap(([isContradiction, sentence]) => (isContradiction ? [sentence] : []));
}
