import type { JobEvaluation } from '../gateway/wire.js';

/** What experiments are called. */
export const EXPERIMENT_TITLES: Record<JobEvaluation['eval_type'], string> = {
  'base-eval': 'as it is',
  'icl-eval': 'in-context',
  'customized-eval': 'customized',
};

/** What scores are called, in the order in which they are shown. */
export const SCORE_TITLES: Record<string, string> = {
  function_name: 'right function',
  function_name_and_args_accuracy: 'and arguments',
  tool_calling_correctness: 'judged right',
  similarity: 'similarity (of 10)',
};
