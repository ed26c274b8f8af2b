import { z } from 'zod';

/** Callers write null for what they leave out; the models know only absence. */
const withoutNulls = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null))
    : value;

const given = <T extends z.ZodType>(schema: T) => z.preprocess(withoutNulls, schema);

const Message = given(
  z.looseObject({
    role: z.string(),
    content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).exactOptional(),
    tool_call_id: z.string().exactOptional(),
    name: z.string().exactOptional(),
  }),
);

const Tool = z.object({
  type: z.literal('function').default('function'),
  function: given(
    z.object({
      name: z.string(),
      description: z.string().exactOptional(),
      parameters: z.record(z.string(), z.unknown()).exactOptional(),
    }),
  ),
});

const Sampling = z.object({
  model: z.string(),
  max_tokens: z.int().positive().exactOptional(),
  n: z.int().min(1).max(16).default(1),
  stop: z
    .union([z.string().transform((stop) => [stop]), z.array(z.string())])
    .transform((stops) => stops.filter((stop) => stop !== ''))
    .default([]),
  stream: z.boolean().default(false),
  stream_options: given(z.object({ include_usage: z.boolean().default(false) })).optional(),
});
export type Sampling = z.infer<typeof Sampling>;

export const ChatCompletionRequest = given(
  Sampling.extend({
    messages: z.array(Message).min(1),
    tools: z.array(Tool).exactOptional(),
    tool_choice: z
      .union([
        z.enum(['none', 'auto', 'required']),
        z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
      ])
      .optional(),
    max_completion_tokens: z.int().positive().exactOptional(),
  }).superRefine(({ tools = [], tool_choice: choice }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['tool_choice'], message });
    const named = typeof choice === 'object' ? choice.function.name : undefined;
    if (choice === 'required' && tools.length === 0) refuse('required without tools');
    if (named !== undefined && !tools.some((tool) => tool.function.name === named))
      refuse(`there is no tool ${named}`);
  }),
);

export const CompletionRequest = given(
  Sampling.extend({
    prompt: z.union([z.string().transform((prompt) => [prompt]), z.array(z.string()).min(1)]),
    echo: z.boolean().default(false),
  }),
);
