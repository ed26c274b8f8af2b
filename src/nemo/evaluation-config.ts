import type { EvaluationSlice, ExperimentKind } from '../run-record.js';

/** A model as the evaluator takes it: the name of a served one, or an endpoint of its own. */
export type ModelReference = string | { api_endpoint: { url: string; model_id: string; api_key?: string } };

export interface EvaluationRequest {
  kind: ExperimentKind;
  slices: EvaluationSlice[];
  /** `hf://datasets/<namespace>/<name>` */
  filesUrl: string;
  judge: ModelReference;
}

/** Where the score of a metric stands in the results, and what it is called in ours. */
export interface ScorePath {
  key: string;
  task: string;
  metric: string;
  score: string;
}

const TOOL_TASK = 'custom-tool-calling';
const PLAIN_TASK = 'llm-as-judge';

/** Tasks in the order of the slices; further plain slices are numbered. */
export function taskNames(slices: readonly EvaluationSlice[]): string[] {
  let plain = 0;
  return slices.map(({ type }) => {
    if (type === 'tool-calling') return TOOL_TASK;
    return ++plain === 1 ? PLAIN_TASK : `${PLAIN_TASK}-${plain}`;
  });
}

/** The scores that an evaluation of this slice yields, under the keys of the blueprint. */
export const scorePaths = (slice: EvaluationSlice, task: string): ScorePath[] =>
  slice.type === 'generic'
    ? [{ key: 'similarity', task, metric: 'llm-judge', score: 'similarity' }]
    : [
        { key: 'function_name', task, metric: 'tool-calling-accuracy', score: 'function_name_accuracy' },
        {
          key: 'function_name_and_args_accuracy',
          task,
          metric: 'tool-calling-accuracy',
          score: 'function_name_and_args_accuracy',
        },
        { key: 'tool_calling_correctness', task, metric: 'correctness', score: 'rating' },
      ];

/** One evaluation job for all slices of an experiment: a task for each, with metrics of its own. */
export function evaluationConfig(request: EvaluationRequest) {
  const names = taskNames(request.slices);
  const tasks: Record<string, unknown> = Object.fromEntries(
    request.slices.map((slice, i) => [names[i], task(slice, request)]),
  );
  return {
    type: 'custom',
    params: { parallelism: 8, request_timeout: 300, max_retries: 3 },
    tasks,
  };
}

function task(slice: EvaluationSlice, { kind, filesUrl, judge }: EvaluationRequest) {
  // The judge reads what production was asked, not what the in-context examples made of it.
  const conversation = kind === 'icl' ? 'item.original_messages' : 'item.request.messages';
  const tools = {
    tools: '{{ item.request.tools | tojson }}',
    tool_choice: '{{ item.request.tool_choice | tojson }}',
  };
  return {
    type: 'chat-completion',
    dataset: { files_url: `${filesUrl}/${slice.file}`, limit: slice.rows },
    params: {
      template: { messages: '{{ item.request.messages | tojson }}', ...(slice.tools ? tools : {}) },
    },
    metrics:
      slice.type === 'tool-calling' ? toolMetrics(conversation, judge) : plainMetrics(conversation, judge),
  };
}

const toolMetrics = (conversation: string, judge: ModelReference) => ({
  'tool-calling-accuracy': {
    type: 'tool-calling',
    params: { tool_calls_ground_truth: '{{ item.response.choices[0].message.tool_calls | tojson }}' },
  },
  correctness: judgeMetric(judge, conversation, {
    rubric: TOOL_RUBRIC,
    reference: '{{ item.response.choices[0].message.tool_calls | tojson }}',
    answer: '{{ sample.response.choices[0].message.tool_calls | tojson }}',
    scores: { rating: { type: 'int', parser: { type: 'regex', pattern: 'RATING:\\s*([01])\\b' } } },
  }),
});

const plainMetrics = (conversation: string, judge: ModelReference) => ({
  'llm-judge': judgeMetric(judge, conversation, {
    rubric: PLAIN_RUBRIC,
    reference: '{{ item.response.choices[0].message.content }}',
    answer: '{{ sample.output_text }}',
    // A whole number from 1 to 10, alone or as `7/10`: "10" is ten, and 0, 11 or prose are no rating.
    scores: {
      similarity: {
        type: 'int',
        parser: { type: 'regex', pattern: '^\\s*(10|[1-9])(?:\\s*/\\s*10)?\\s*\\.?\\s*$' },
      },
    },
  }),
});

interface JudgePrompt {
  rubric: string;
  reference: string;
  answer: string;
  scores: Record<string, unknown>;
}

const judgeMetric = (model: ModelReference, conversation: string, prompt: JudgePrompt) => ({
  type: 'llm-judge',
  params: {
    model,
    template: {
      messages: [
        { role: 'system', content: prompt.rubric },
        {
          role: 'user',
          content:
            `<conversation>\n{{ ${conversation} | tojson }}\n</conversation>\n` +
            `<reference>\n${prompt.reference}\n</reference>\n<answer>\n${prompt.answer}\n</answer>`,
        },
      ],
    },
    scores: prompt.scores,
  },
});

const TOOL_RUBRIC =
  'You check the tool calls of an assistant. You are given a conversation, the calls that were right for it ' +
  '(reference) and the calls that the assistant made (answer). The answer is right only if it calls the same ' +
  'functions with arguments that mean the same; other spelling of the same value is allowed, a missing, invented or ' +
  'different value is not. Explain in one line, then write on a line of its own RATING: 1 if the answer is right, ' +
  'or RATING: 0 if it is not.';

const PLAIN_RUBRIC =
  'You compare two answers to the same conversation. You are given the conversation, the answer that was given in ' +
  'production (reference) and the answer of an assistant (answer). Rate from 1 to 10 how far the answer says the same ' +
  'and does the same for the user as the reference: 1 means unrelated or contradictory, 5 means the same topic with ' +
  'important parts missing or wrong, 10 means that either could stand for the other. Wording and length do not matter. ' +
  'Write the whole number and nothing else.';
