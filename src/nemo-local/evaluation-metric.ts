import { z } from 'zod';
import { NUMBER_OPERATIONS } from './scores/number-check.js';
import { STRING_OPERATIONS } from './scores/string-check.js';

const Endpoint = z.looseObject({
  api_endpoint: z.looseObject({
    url: z.url(),
    model_id: z.string().min(1),
    api_key: z.string().nullish(),
    format: z.enum(['nim', 'openai', 'lama_stack']).default('nim'),
  }),
});

/** A model id that the NIM proxy lists, or an endpoint with its URL. */
export const ModelRef = z.union([z.string().min(1), Endpoint]);
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
  params: z.looseObject({ check: z.tuple([z.string(), z.enum(STRING_OPERATIONS), z.string()]) }),
});

const NumberCheck = z.looseObject({
  type: z.literal('number-check'),
  params: z
    .looseObject({
      check: z.tuple([z.string(), z.enum(NUMBER_OPERATIONS), z.string()]),
      epsilon: z.number().min(0).optional(),
    })
    .refine(({ check, epsilon }) => check[1] !== 'absolute difference' || epsilon !== undefined, {
      path: ['epsilon'],
      message: 'is required with the operation absolute difference',
    }),
});

const Bleu = z.looseObject({
  type: z.literal('bleu'),
  params: z.looseObject({ references: z.array(z.string()).min(1), candidate: z.string().optional() }),
});

const Similarity = z.looseObject({
  type: z.enum(['f1', 'em', 'rouge']),
  params: z.looseObject({ ground_truth: z.string(), candidate: z.string().optional() }),
});

export const Metric = z.discriminatedUnion('type', [
  ToolCalling,
  LlmJudge,
  StringCheck,
  NumberCheck,
  Bleu,
  Similarity,
]);
export type Metric = z.infer<typeof Metric>;
export type ToolCallingMetric = z.infer<typeof ToolCalling>;
export type LlmJudgeMetric = z.infer<typeof LlmJudge>;
export type BleuMetric = z.infer<typeof Bleu>;
export type SimilarityMetric = z.infer<typeof Similarity>;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
