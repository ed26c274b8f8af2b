import { namesModelById } from './candidates.js';
import { configKeys, inFileWords, type KeySchema, withKeys } from './key-schema.js';
import type { ConfigFile } from './schema.js';
import { VARIABLES, type Variable } from './variables.js';
import { valueAt } from './value-at.js';

/** One value that counts, and where it comes from; for people. */
export interface EffectiveValue {
  /** Its key in the file, or its variable. */
  key: string;
  /** As in the file; of a secret only whether it is set. */
  value: string;
  /** `file`, `default`, or the variable that goes before both. */
  origin: string;
}

type Environment = NodeJS.ProcessEnv;

/** Every value of the sections as read, of the content as written, then every other variable. */
export const effectiveValues = (file: ConfigFile, content: unknown, env: Environment): EffectiveValue[] => [
  ...inNewWords([...valuesIn(configKeys, file, content, '', env)], file),
  ...VARIABLES.filter(({ overrides }) => !overrides).map((variable) => ofVariable(variable, env)),
  ...ofNamedKeys(file, env),
];

function* valuesIn(
  schema: KeySchema,
  read: unknown,
  written: unknown,
  at: string,
  env: Environment,
): Generator<EffectiveValue> {
  const { properties, items } = withKeys(schema);
  if (items && Array.isArray(read))
    for (const [index, item] of read.entries())
      yield* valuesIn(items, item, valueAt(written, [index]), `${at}[${index}]`, env);
  else if (properties && typeof read === 'object' && read !== null)
    for (const [key, member] of Object.entries(properties))
      yield* valuesIn(member, valueAt(read, [key]), valueAt(written, [key]), at ? `${at}.${key}` : key, env);
  else if (read !== undefined) yield ofKey(at, read, written, schema, env);
}

function ofKey(key: string, read: unknown, written: unknown, schema: KeySchema, env: Environment) {
  const variable = VARIABLES.find(({ overrides, name }) => overrides === key && env[name]);
  const value = variable ? env[variable.name] : read;
  const shown = typeof value === 'string' ? withoutSecrets(value) : value;
  const origin = variable?.name ?? (written === undefined ? 'default' : 'file');
  return { key, value: inFileWords(shown, schema), origin };
}

/** What a file of the blueprint 0.1 or 0.2 says of the judge, under the names of today. */
function inNewWords(values: EffectiveValue[], { llm_judge_config: judge }: ConfigFile): EffectiveValue[] {
  const isOld = (key: string) => OLD_NAMES.some(([old]) => old === key);
  return values.flatMap((value) => {
    if (isOld(value.key)) return [];
    const isOverruled = value.key === MODEL_NAME && namesModelById(judge);
    if (value.value !== 'null' && !isOverruled) return [value];
    const [old] = OLD_NAMES.find(([, today]) => today === value.key) ?? [];
    const given = values.find(({ key, value }) => key === old && value !== 'null');
    if (given) return [{ ...value, value: given.value, origin: `${given.origin}, as ${given.key}` }];
    return [value.key === DEPLOYMENT_TYPE ? { ...value, value: '"local"' } : value];
  });
}

const DEPLOYMENT_TYPE = 'llm_judge_config.deployment_type';
const MODEL_NAME = 'llm_judge_config.model_name';
const OLD_NAMES = [
  ['llm_judge_config.type', DEPLOYMENT_TYPE],
  ['llm_judge_config.model_id', MODEL_NAME],
] as const;

function ofVariable({ name, fallback, isSecret }: Variable, env: Environment): EffectiveValue {
  const given = env[name] || null;
  if (isSecret)
    return { key: name, value: given ? 'set' : 'not set', origin: given ? 'environment' : 'default' };
  if (given) return { key: name, value: withoutSecrets(given), origin: 'environment' };
  return { key: name, value: fallback ?? 'not set', origin: 'default' };
}

/** The variables in which the file says that keys are: of the API, and in the blueprint's 0.1 and 0.2 of the judge. */
function ofNamedKeys({ llm_judge_config, api_keys }: ConfigFile, env: Environment): EffectiveValue[] {
  const named = [llm_judge_config.api_key_env ?? '', ...api_keys.map(({ key_env }) => key_env)];
  const isKnown = (name: string) => name === '' || VARIABLES.some((variable) => variable.name === name);
  return [...new Set(named)]
    .filter((name) => !isKnown(name))
    .map((name) => ofVariable({ name, is: '', isSecret: true }, env));
}

/** Some take a token as the user or in the query: of a URL all is masked that may be one. */
function withoutSecrets(text: string): string {
  const url = URL.parse(text);
  if (!url || !(url.username || url.password || url.search)) return text;
  if (url.username || url.password) {
    url.username = '***';
    url.password = '';
  }
  url.search = url.search.replace(/([?&][^&=]*=)[^&]+/g, '$1***').replace(/([?&])[^&=]+(?=&|$)/g, '$1***');
  return url.href;
}
