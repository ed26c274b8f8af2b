import { z } from 'zod';
import { nameFields } from './names.js';

const Flows = z.looseObject({ flows: z.array(z.string()).default([]) }).prefault({});
const Patterns = z.looseObject({
  patterns: z.array(z.string()).default([]),
  case_insensitive: z.boolean().default(false),
});

const Rails = z.looseObject({
  input: Flows,
  output: Flows,
  config: z
    .looseObject({
      regex_detection: z.looseObject({ input: Patterns.nullish(), output: Patterns.nullish() }).nullish(),
    })
    .nullish(),
});

/** A configuration's data; what a caller leaves out is answered with the platform's own values. */
const ConfigData = z.looseObject({
  models: z
    .array(z.looseObject({ type: z.string(), engine: z.string(), model: z.string().nullish() }))
    .default([]),
  instructions: z.array(z.looseObject({ type: z.string(), content: z.string() })).default([]),
  prompts: z.array(z.looseObject({ task: z.string() })).default([]),
  rails: Rails.prefault({}),
  colang_version: z.string().default('1.0'),
  lowest_temperature: z.number().default(0.001),
  prompting_mode: z.string().default('standard'),
  enable_multi_step_generation: z.boolean().default(false),
  enable_rails_exceptions: z.boolean().default(false),
});
export type ConfigData = z.infer<typeof ConfigData>;

export const NewGuardrailConfig = z.looseObject({
  ...nameFields,
  description: z.string().nullish(),
  project: z.string().nullish(),
  files_url: z.string().nullish(),
  data: ConfigData.nullish(),
});

/** What a chat request says about its guardrails: stored configurations by name, or one inline. */
export const GuardrailOptions = z.looseObject({
  config_id: z.string().nullish(),
  config_ids: z.array(z.string()).nullish(),
  config: ConfigData.nullish(),
});

/** A stored configuration's data; what is stored was checked when it came. */
export const dataOf = (stored: { [member: string]: unknown }): ConfigData =>
  ConfigData.parse(stored['data'] ?? {});
