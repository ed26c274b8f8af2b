import { type Command, InvalidArgumentError } from 'commander';
import { isEmbeddingModel, type ModelEntry, type OpenAiOptions } from '../nemo-local/index.js';
import { readModelsFile } from './models-file.js';
import { baseUrl } from './option-values.js';
import { Problem, WRONG_USE } from './problem.js';

/** What the options of this file say, as commander names it. */
export interface ModelFlags {
  models?: string;
  openaiUrl?: string;
  openaiModel?: Record<string, string>;
}

/** Which models exist, and which of them an OpenAI-compatible server answers for; its key is not part of it. */
export interface ModelChoice {
  models: ModelEntry[] | null;
  openAi: Omit<OpenAiOptions, 'key'> | null;
}

/** A model of any name, each a tiny one. */
export const ANY_MODEL: ModelChoice = { models: null, openAi: null };

/** Adds the options that choose models. */
export const withModelOptions = (command: Command): Command =>
  command
    .option('--models <file>', 'which models exist: YAML or JSON; without it one of any name does')
    .option(
      '--openai-url <url>',
      'an OpenAI-compatible server that answers for models; its key, if it wants one, comes from OPENAI_API_KEY',
      baseUrl,
    )
    .option(
      '--openai-model <ours=theirs>',
      'a model it answers for, and its name there (repeatable); without it all chat models, by their own names',
      addOpenAiModel,
    );

function addOpenAiModel(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, ours, theirs = ours] = /^([^=]+)(?:=(.+))?$/.exec(text) ?? [];
  if (ours === undefined || theirs === undefined)
    throw new InvalidArgumentError(
      'It must be a model here, = and its name there, as meta/llama-3.2-3b=llama3.2.',
    );
  if (Object.hasOwn(before, ours)) throw new InvalidArgumentError(`${ours} is named twice.`);
  return { ...before, [ours]: theirs };
}

/** Reads the options and the file that they name. Throws a Problem that says what does not fit together. */
export function readModelChoice({
  models: path,
  openaiUrl: url,
  openaiModel: named = {},
}: ModelFlags): ModelChoice {
  const file = path === undefined ? null : readModelsFile(path);
  const openAiModels = { ...file?.openAiModels, ...named };
  const [first] = Object.keys(openAiModels);
  if (url === undefined && first !== undefined)
    throw wrong(`${first} is to be answered by an OpenAI-compatible server: say where, with --openai-url`);
  for (const model of Object.keys(openAiModels)) {
    const entry = file?.models.find(({ name }) => name === model);
    if (file && !entry) throw wrong(`--openai-model ${model}: ${file.file} names no such model`);
    if ((entry?.kind ?? (isEmbeddingModel(model) ? 'embedding' : 'chat')) === 'embedding')
      throw wrong(
        `${model} gives embeddings, and an OpenAI-compatible server can stand behind chat models only`,
      );
  }
  const choice = first === undefined ? {} : { models: openAiModels };
  return { models: file?.models ?? null, openAi: url === undefined ? null : { url, ...choice } };
}

const wrong = (message: string) => new Problem(message, WRONG_USE);

/** Adds the key of the OpenAI-compatible server, in the process that needs it: arguments of processes can be read by others. */
export function withOpenAiKey(
  { models, openAi }: ModelChoice,
  env: NodeJS.ProcessEnv,
): Pick<ModelChoice, 'models'> & { openAi: OpenAiOptions | null } {
  const key = env['OPENAI_API_KEY']?.trim() || null;
  if (openAi && key !== null && !/^[\x21-\x7e]+$/.test(key))
    throw wrong('OPENAI_API_KEY holds characters that no key has, such as a line break: set it again');
  return { models, openAi: openAi && { ...openAi, key } };
}

/** One line for whom it concerns: who answers for which models. */
export function describeOpenAi({ openAi }: ModelChoice): string[] {
  if (!openAi) return [];
  if (!openAi.models) return [`every chat model is answered for by ${openAi.url}`];
  return Object.entries(openAi.models).map(([ours, theirs]) => `${ours} is ${theirs} at ${openAi.url}`);
}
