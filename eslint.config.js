import tseslint from 'typescript-eslint';
import { borders, NODE, PACKAGES } from './eslint-borders.js';

/** Root files that run in the workflow sandbox too. */
const SANDBOX_SAFE = [
  'src/ids',
  'src/message-of',
  'src/gpu-pool',
  'src/run-record',
  'src/run-state',
  'src/run-words',
  'src/search-attributes',
];
const COMMON = [
  ...SANDBOX_SAFE,
  'src/logger',
  'src/listener',
  'src/metrics',
  'src/http-error',
  'src/masked',
  'src/retry-after',
  NODE,
  PACKAGES,
];
const TEMPORAL = '@temporalio';
const CLIENT = ['@temporalio/client', '@temporalio/common', 'src/installation', 'src/workflow-standing'];
const CONTRACT = 'workflows/contract';

/** What the files of a folder may import besides each other, and from where only types. */
const BORDERS = [
  border('workflows', {
    values: [
      ...SANDBOX_SAFE,
      '@temporalio/workflow',
      '@temporalio/common',
      '@temporalio/interceptors-opentelemetry',
    ],
    types: ['activities', 'src/config', NODE, PACKAGES, TEMPORAL],
  }),
  border('activities', {
    values: [
      ...['src/nemo', 'src/stores', 'src/datasets', 'src/records', 'src/report', CONTRACT],
      ...[...COMMON, ...CLIENT, '@temporalio/activity'],
    ],
    types: ['src/config'],
  }),
  border('src/records', {
    values: ['src/seeded-random', 'node:crypto', 'gpt-tokenizer'],
    types: ['src/run-record'],
  }),
  border('src/datasets', {
    values: ['src/records', 'src/message-of', 'src/seeded-random', 'src/start-thread', NODE, PACKAGES],
    types: ['src/config', 'src/stores', 'src/nemo', 'src/run-record'],
  }),
  border('src/report', { values: ['src/seeded-random'], types: ['src/run-record'] }),
  border('src/traffic', {}),
  border('src/config', { values: COMMON }),
  border('src/stores', { values: ['src/records', ...COMMON], types: ['src/config'] }),
  border('src/importer', {
    values: [
      ...['src/stores', 'src/records/json', 'src/records/long-numbers'],
      ...['src/records/call-ids', 'src/records/finish-reason'],
      ...COMMON,
    ],
  }),
  border('src/nemo', { values: COMMON, types: ['src/config'] }),
  border('src/nemo-local', {
    values: [
      ...['src/http-error', 'src/message-of', 'src/seeded-random', 'src/start-thread', 'src/own-folder'],
      ...[NODE, PACKAGES],
    ],
  }),
  border('src/proxy', {
    values: ['src/stores', 'src/records', 'src/start-thread', 'src/own-folder', ...COMMON],
    types: ['src/config'],
  }),
  border('src/gateway', {
    values: [
      ...['src/aborted', 'src/grpc-trouble'],
      ...['src/config', 'src/stores', 'src/datasets', 'src/records', 'src/own-version', CONTRACT],
      ...['src/proxy/status', ...COMMON, ...CLIENT],
    ],
    types: ['activities', 'src/proxy'],
  }),
  border('src/worker', {
    values: [CONTRACT, 'src/tracing', ...COMMON, '@temporalio/worker', '@temporalio/common'],
    types: ['activities'],
  }),
  border('src/cli', { values: ['src', 'activities', CONTRACT, NODE, PACKAGES, TEMPORAL] }),
  border('src/*.ts', { values: ['src/temporal-repeats', ...COMMON, TEMPORAL], types: ['src/config'] }),
  ...SANDBOX_SAFE.map((file) =>
    border(`${file}.ts`, {
      values: [...SANDBOX_SAFE, '@noble/hashes', '@temporalio/common'],
      types: ['src/config'],
    }),
  ),
];

function border(place, { values = [], types = [] }) {
  const isFile = place.endsWith('.ts');
  const options = { place, values: isFile ? values : [place, ...values], types };
  return { files: [isFile ? place : `${place}/**`], rules: { 'borders/imports': ['error', options] } };
}

export default tseslint.config(
  { ignores: ['dist', '.test', 'node_modules', '.flywheel'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    plugins: { borders: { rules: { imports: borders } } },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 60, IIFEs: true }],
      'no-console': 'error',
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  ...BORDERS,
  { files: ['src/cli/**'], rules: { 'no-console': 'off' } },
  {
    files: ['bench/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/quiet-runtime.js'],
              message:
                'A benchmark starts the program, which installs the runtime of Temporal, once in a process.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**', 'bench/**'],
    rules: { 'max-lines-per-function': 'off', 'no-console': 'off' },
  },
);
