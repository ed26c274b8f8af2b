import { format, resolveConfig } from 'prettier';
import { DURATION_FORMAT } from '../../src/config/duration.js';
import { configKeys, inFileWords, type KeySchema, withKeys } from '../../src/config/key-schema.js';
import { type Variable, VARIABLES, WITHOUT_EFFECT } from '../../src/config/variables.js';

export const PAGE = 'docs/configuration.md';

const INTRODUCTION = `# Configuration

_Made by \`npm run docs\` from the schema that reads the file._

One YAML file in the schema of NVIDIA's data flywheel blueprint, and the environment for addresses and secrets. The file is that
of \`--config\`, else \`config/config.yaml\`, of \`flywheel demo\` and \`flywheel up\` with their own nemo-local \`config/demo.yaml\`. A
variable goes before the file, the file before the default. An empty variable is one that is not set.

    npx flywheel config check config.yaml

prints every value that counts and where it comes from, secrets only as set or not set, URLs without login and query, and warnings:
unknown keys with the nearest known one, keys and variables without effect. Of a file that cannot be used it prints every mistake, with what to change, and
ends with status 2; no process starts with one.

Values are read as the blueprint reads them: a whole number may be a text (\`"20"\`), \`yes\` is true. A duration is a number with
\`ms\`, \`s\`, \`m\`, \`h\` or \`d\`, of a year at most.

## The file
`;

const ENVIRONMENT = `
## The environment

Secrets are read from the environment only: a key in the file is ignored, and named in a warning. The URLs of NeMo and of models
stand in errors, logs and job documents: with user or password they are refused, and no key belongs in what follows a \`?\`. The user and
password of \`ELASTICSEARCH_URL\` are shown nowhere.
`;

const UNUSED = `
The blueprint reads more variables. Set, they are named at the start, with the reason why they have no effect:
`;

/** The page that explains every key of the file and every variable. */
export async function configurationPage(): Promise<string> {
  const sections = Object.entries(configKeys.properties ?? {}).map(([name, schema]) =>
    sectionOf(name, schema),
  );
  const environment = table(['variable', 'is', 'default'], VARIABLES.map(variableRow));
  const unused = table(
    ['variable', 'why it has no effect'],
    Object.entries(WITHOUT_EFFECT).map(([name, why]) => [code(name), why]),
  );
  const page = [INTRODUCTION, ...sections, ENVIRONMENT, environment, UNUSED, unused].join('\n');
  return await format(page, { ...(await resolveConfig(PAGE)), parser: 'markdown' });
}

function sectionOf(name: string, schema: KeySchema): string {
  const { items } = schema;
  const rows = [...rowsOf(items ?? schema, '')];
  const title = items ? `${name}[]` : name;
  return `### ${title}\n\n${table(['key', 'must be', 'default', 'is'], rows)}\n`;
}

function* rowsOf(schema: KeySchema, at: string): Generator<string[]> {
  const { properties = {}, required = [] } = withKeys(schema);
  for (const [key, member] of Object.entries(properties)) {
    const path = at ? `${at}.${key}` : key;
    const fallback =
      'default' in member
        ? code(inFileWords(member.default, member))
        : required.includes(key)
          ? 'required'
          : '';
    yield [code(path), kindOf(member), fallback, member.description ?? ''];
    yield* rowsOf(member, path);
  }
}

const KINDS: Record<string, string> = {
  integer: 'whole number',
  number: 'number',
  boolean: 'true, false',
  string: 'text',
  null: 'null',
  array: 'list',
};

function kindOf(schema: KeySchema): string {
  if (withKeys(schema).properties) return 'section or null';
  const alternatives = schema.anyOf ?? [schema];
  const kinds = alternatives.flatMap((one) => [one.type ?? []].flat().map((type) => kindOfType(type, one)));
  return kinds.length === 0 ? 'anything' : kinds.join(' or ');
}

function kindOfType(type: string, schema: KeySchema): string {
  if (type === 'null') return 'null';
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.format === DURATION_FORMAT) return 'duration';
  const bounds = [
    ...boundOf('≥', schema.minimum),
    ...boundOf('>', schema.exclusiveMinimum),
    ...boundOf('≤', schema.maximum),
    ...boundOf('<', schema.exclusiveMaximum),
  ];
  return [KINDS[type] ?? type, ...bounds].join(' ');
}

const boundOf = (sign: string, bound: number | undefined): string[] =>
  bound === undefined ? [] : [`${sign} ${bound}`];

const variableRow = ({ name, is, overrides, fallback }: Variable): string[] => [
  code(name),
  is,
  overrides ? `that of ${code(overrides)}` : (fallback ?? 'none'),
];

const code = (text: string): string => `\`${text}\``;

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
