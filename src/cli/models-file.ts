import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { describeIssue } from '../config/issue.js';
import { nearest } from '../config/unknown-keys.js';
import { MODEL_KINDS, type ModelEntry } from '../nemo-local/index.js';
import { describe, Problem, WRONG_USE } from './problem.js';

const Model = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(MODEL_KINDS).exactOptional(),
  size: z.number().positive().exactOptional(),
  gpus: z.int().min(0).exactOptional(),
  deployed: z.boolean().exactOptional(),
  openai: z.string().min(1).exactOptional(),
});

const Models = z.strictObject(
  { models: z.array(Model).min(1, 'name at least one model') },
  {
    error: (issue) =>
      issue.code === 'invalid_type' ? 'the file should hold models: and a list of them' : undefined,
  },
);

/** What a models file says. */
export interface ModelsFile {
  file: string;
  models: ModelEntry[];
  /** Names of an OpenAI-compatible server by ours. */
  openAiModels: Record<string, string>;
}

/** Reads a models file, YAML or JSON. Throws a Problem that names each mistake: file, key, what to change. */
export function readModelsFile(file: string): ModelsFile {
  const content = readContent(file);
  const parsed = Models.safeParse(content);
  if (!parsed.success)
    throw problemsIn(
      file,
      parsed.error.issues.flatMap((issue) => describeMistake(issue, content)),
    );
  const { models } = parsed.data;
  const twice = models.flatMap(({ name }, index) =>
    models.findIndex((other) => other.name === name) < index
      ? [`models[${index}].name: ${name} is named twice`]
      : [],
  );
  if (twice.length > 0) throw problemsIn(file, twice);
  return {
    file,
    models: models.map(({ openai: _, ...entry }) => entry),
    openAiModels: Object.fromEntries(models.flatMap(({ name, openai }) => (openai ? [[name, openai]] : []))),
  };
}

function readContent(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // A parser's further lines show the place again.
    const [reason = ''] = describe(error).split('\n');
    throw problemsIn(file, [`cannot be read: ${reason.replace(/:$/, '')}`]);
  }
}

function describeMistake(issue: z.core.$ZodIssue, content: unknown): string[] {
  if (issue.code !== 'unrecognized_keys') return [describeIssue(issue, content)];
  const known = Object.keys(issue.path.length === 0 ? Models.shape : Model.shape);
  return issue.keys.map((key) => {
    const near = nearest(key, known);
    const cure = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
    return describeIssue({ ...issue, path: [...issue.path, key], message: `is unknown; ${cure}` }, content);
  });
}

const problemsIn = (file: string, problems: string[]): Problem =>
  new Problem(problems.map((problem) => `${file}: ${problem}`).join('\n'), WRONG_USE);
