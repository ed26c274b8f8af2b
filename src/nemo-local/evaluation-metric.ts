import { z } from 'zod';
import { NUMBER_OPERATIONS } from './scores/number-check.js';
import { groupsOf, pythonPattern } from './python-pattern.js';
import { STRING_OPERATIONS } from './scores/string-check.js';
import { Templated } from './template.js';

const Text = Templated(z.string());

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

/** Whose first group is the score. */
const Pattern = z
  .string()
  .refine((text) => groups(text) !== null, { error: 'is not a regular expression', abort: true })
  .refine((text) => groups(text) !== 0, 'has no group, as (\\d+), that the score is read from');

const ToolCalling = z.looseObject({
  type: z.literal('tool-calling'),
  params: z.looseObject({ tool_calls_ground_truth: Text }),
});

const LlmJudge = z.looseObject({
  type: z.literal('llm-judge'),
  params: z.looseObject({
    model: ModelRef,
    template: Templated(z.looseObject({ messages: z.unknown() })),
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
  params: z.looseObject({ check: z.tuple([Text, z.enum(STRING_OPERATIONS), Text]) }),
});

const NumberCheck = z.looseObject({
  type: z.literal('number-check'),
  params: z
    .looseObject({
      check: z.tuple([Text, z.enum(NUMBER_OPERATIONS), Text]),
      epsilon: z.number().min(0).optional(),
    })
    .refine(({ check, epsilon }) => check[1] !== 'absolute difference' || epsilon !== undefined, {
      path: ['epsilon'],
      message: 'is required with the operation absolute difference',
    }),
});

const Bleu = z.looseObject({
  type: z.literal('bleu'),
  params: z.looseObject({ references: z.array(Text).min(1), candidate: Text.optional() }),
});

const Similarity = z.looseObject({
  type: z.enum(['f1', 'em', 'rouge']),
  params: z.looseObject({ ground_truth: Text, candidate: Text.optional() }),
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
export type LlmJudgeMetric = z.infer<typeof LlmJudge>;
export type BleuMetric = z.infer<typeof Bleu>;
export type SimilarityMetric = z.infer<typeof Similarity>;

/** How many groups a pattern has; null when it is none. */
function groups(text: string): number | null {
  try {
    return groupsOf(pythonPattern(text));
  } catch {
    return null;
  }
}
