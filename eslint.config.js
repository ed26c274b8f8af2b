import tseslint from 'typescript-eslint';

/** Folders that code may live in; a border is an import from one of them into another. */
const AREAS = [
  'workflows',
  'activities',
  'config',
  'stores',
  'nemo',
  'nemo-local',
  'records',
  'report',
  'traffic',
  'importer',
  'gateway',
  'worker',
  'cli',
];

/** What each folder may import as values; types may come from anywhere but the folders above it. */
const BORDERS = [
  { files: ['workflows/**'], values: [], types: ['activities', 'config', 'records', 'report', 'stores'] },
  { files: ['src/records/**'], values: [], types: [] },
  { files: ['src/report/**'], values: [], types: [] },
  { files: ['src/traffic/**'], values: [], types: [] },
  { files: ['src/config/**'], values: [], types: [] },
  { files: ['src/stores/**'], values: ['records'], types: ['config'] },
  { files: ['src/importer/**'], values: ['stores', 'records'], types: [] },
  { files: ['src/nemo/**'], values: [], types: ['config', 'records', 'activities'] },
  { files: ['src/nemo-local/**'], values: [], types: [] },
  { files: ['activities/**'], values: ['nemo', 'stores', 'records', 'report'], types: ['config'] },
  { files: ['src/gateway/**'], values: ['config', 'stores', 'records'], types: ['activities'] },
  { files: ['src/worker/**'], values: ['activities', 'nemo', 'stores', 'config'], types: [] },
];

/** The gateway knows of the workflows what the contract says, and nothing else. */
const CONTRACT = '(?!workflows/contract\\.js)';

/** The sandbox has no Node modules; of our own root files only `ids` and `run-record` are safe there. */
const SANDBOX = {
  regex: '^(?:node:|(?:\\.\\./)+src/(?!(?:ids|run-record)\\.js)[^/]+$)|^@temporalio/(?!workflow|common)',
  allowTypeImports: true,
  message: 'The workflow sandbox has no Node modules and none of our services.',
};

const border = ({ files, values, types }) => {
  const own = files[0].replace(/^src\//, '').replace('/**', '');
  const forbidden = AREAS.filter((area) => ![own, ...values, ...types].includes(area));
  // The patterns must not overlap: a type import that one of them allows is not looked at by the others.
  const relative = (areas) => `^(?:\\.{1,2}/)+(?:src/)?${CONTRACT}(?:${areas.join('|')})/`;
  const patterns = [
    { regex: relative(forbidden), message: `${own} may not import this folder.` },
    {
      regex: relative(types),
      allowTypeImports: true,
      message: `${own} may import only types from this folder.`,
    },
    SANDBOX,
  ].filter((pattern) => (pattern === SANDBOX ? own === 'workflows' : !pattern.regex.endsWith('(?:)/')));
  return { files, rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } };
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.flywheel'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
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
  ...BORDERS.map(border),
  { files: ['src/cli/**'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**', 'bench/**'],
    rules: { 'max-lines-per-function': 'off', 'no-console': 'off' },
  },
);
