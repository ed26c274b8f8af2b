/** What scores are called, in the order in which they are shown. */
export const SCORE_TITLES: Record<string, string> = {
  function_name: 'right function',
  function_name_and_args_accuracy: 'and arguments',
  tool_calling_correctness: 'judged right',
  similarity: 'similarity (of 10)',
};
