import { z } from 'zod';

const Endpoint = z.looseObject({
  api_endpoint: z.looseObject({
    url: z.url(),
    model_id: z.string().min(1),
    api_key: z.string().nullish(),
  }),
});

/** A model id that the NIM proxy lists, or an endpoint with its full chat-completions URL. */
const ModelRef = z.union([z.string().min(1), Endpoint]);
export type ModelRef = z.infer<typeof ModelRef>;

const Pattern = z.string().refine(isPattern, 'is not a regular expression');

const ToolCalling = z.looseObject({
  type: z.literal('tool-calling'),
  params: z.looseObject({ tool_calls_ground_truth: z.string() }),
});

const LlmJudge = z.looseObject({
  type: z.literal('llm-judge'),
  params: z.looseObject({
    model: ModelRef,
    template: z.looseObject({ messages: z.unknown() }),
    scores: z.record(
      z.string(),
      z.looseObject({
        type: z.literal('int'),
        parser: z.looseObject({ type: z.literal('regex'), pattern: Pattern }),
      }),
    ),
  }),
});

const StringCheck = z.looseObject({
  type: z.literal('string-check'),
  params: z.looseObject({
    check: z.tuple([
      z.string(),
      z.enum(['equals', 'not equals', 'contains', 'not contains', 'startswith', 'endswith']),
      z.string(),
    ]),
  }),
});

const Metric = z.discriminatedUnion('type', [ToolCalling, LlmJudge, StringCheck]);
export type Metric = z.infer<typeof Metric>;
export type ToolCallingMetric = z.infer<typeof ToolCalling>;
export type LlmJudgeMetric = z.infer<typeof LlmJudge>;
export type StringCheckMetric = z.infer<typeof StringCheck>;

const Task = z.looseObject({
  type: z.literal('chat-completion'),
  dataset: z.looseObject({ files_url: z.string().min(1), limit: z.number().int().min(1).nullish() }),
  params: z.looseObject({ template: z.looseObject({ messages: z.unknown() }) }),
  metrics: z.record(z.string(), Metric),
});
export type EvaluationTask = z.infer<typeof Task>;

const Params = z.looseObject({
  parallelism: z.number().int().min(1).nullish(),
  limit_samples: z.number().int().min(1).nullish(),
  max_retries: z.number().int().min(0).nullish(),
  /** Seconds. */
  request_timeout: z.number().positive().nullish(),
});
export type EvaluationParams = z.infer<typeof Params>;

export const NewEvaluation = z.looseObject({
  namespace: z.string().default('default'),
  config: z.looseObject({
    type: z.literal('custom'),
    params: Params.nullish(),
    tasks: z.record(z.string(), Task).refine((tasks) => Object.keys(tasks).length > 0, 'names no task'),
  }),
  target: z.looseObject({ type: z.literal('model'), model: ModelRef }),
});

export interface EvaluationJob extends z.infer<typeof NewEvaluation> {
  id: string;
  status: 'created' | 'running' | 'cancelling' | 'cancelled' | 'failed' | 'completed';
  status_details: {
    message: string | null;
    task_status: Record<string, 'pending' | 'running' | 'completed' | 'failed'>;
    /** Share of samples done, 0..100. */
    progress: number | null;
    samples_processed: number | null;
  };
  result: string | null;
  created_at: string;
  updated_at: string;
}

/** A copy in which every API key reads `******`: keys are used, never shown. */
export function withoutKeys<T>(value: T): T {
  const masked = JSON.stringify(value, (key, member: unknown) =>
    key === 'api_key' && typeof member === 'string' ? '******' : member,
  );
  // Same shape as before: only the text of keys has changed.
  return JSON.parse(masked) as T;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
