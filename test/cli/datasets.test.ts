import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../src/stores/index.js';
import { leaveFolder } from '../support/folder-owner.js';
import { aFolder } from '../support/local-platform.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { flywheel, type Program } from '../support/program.js';

const NAMES = ['--workload', ORDERS.workload, '--client', ORDERS.client];

/** A log file, a configuration for it, and where the datasets go. */
async function aWorkplace(records = orderLogs(60)) {
  const folder = await aFolder();
  const at = (name: string) => join(folder, name);
  writeFileSync(at('logs.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const config = readFileSync('config/config.yaml', 'utf8').replace('eval_size: 100', 'eval_size: 30');
  writeFileSync(at('config.yaml'), config);
  const build = ({ env = {} }: { env?: NodeJS.ProcessEnv }, ...args: string[]): Program =>
    flywheel(['datasets', '--out', at('out'), '--config', at('config.yaml'), ...args], env);
  return { at, build, fromFile: (options = {}) => build(options, '--logs', at('logs.jsonl')) };
}

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');

test('datasets of a log file need a store, or their files are not what the funnel says', async () => {
  const { at, fromFile } = await aWorkplace([
    ...orderLogs(60),
    { ...orderLogs(1)[0], response: { choices: [] } },
  ]);
  const program = fromFile();
  expect(await program.ended(), program.output()).toBe(0);
  const { funnel, sizes } = JSON.parse(readFileSync(at('out/funnel.json'), 'utf8'));
  expect(funnel).toMatchObject({ read: 181, evaluation: 30, shared_conversations: 0 });
  const evaluated = ['eval_data.jsonl', 'eval_plain.jsonl'];
  for (const set of ['evaluation', 'in-context']) {
    expect(readdirSync(at(`out/${set}`)).sort()).toEqual(evaluated);
    expect(evaluated.flatMap((name) => linesOf(at(`out/${set}/${name}`)))).toHaveLength(30);
  }
  expect(linesOf(at('out/training/training/train_data.jsonl'))).toHaveLength(sizes.training);
  expect(linesOf(at('out/training/validation/val_data.jsonl'))).toHaveLength(sizes.validation);
  expect(statSync(at('out/training/training/train_data.jsonl')).mode & 0o077).toBe(0);
  expect(program.output()).toMatch(/^181 {2}read$/m);
  expect(program.output()).toMatch(/^ {2}1 {2}left out, no-choices: /m);
  expect(program.output()).toMatch(/^ 30 {2}to evaluate on$/m);
  expect(program.output()).toMatch(/^training: .*no_tool/m);
}, 60_000);

test('the same records from the store give other files, or other files stay beside the new ones', async () => {
  const { at, build, fromFile } = await aWorkplace();
  const stores = await openStores({ kind: 'duckdb', file: at('flywheel.duckdb') });
  await stores.logs.append(orderLogs(60));
  await stores.close();
  const first = fromFile();
  expect(await first.ended(), first.output()).toBe(0);
  const names = ['evaluation/eval_data.jsonl', 'training/training/train_data.jsonl', 'funnel.json'];
  const written = names.map((name) => readFileSync(at(`out/${name}`), 'utf8'));
  writeFileSync(at('out/evaluation/of_an_earlier_run.jsonl'), '');

  const second = build({}, ...NAMES, '--data-dir', at(''));
  expect(await second.ended(), second.output()).toBe(0);
  expect(names.map((name) => readFileSync(at(`out/${name}`), 'utf8'))).toEqual(written);
  expect(existsSync(at('out/evaluation/of_an_earlier_run.jsonl'))).toBe(false);
}, 60_000);

test.each<[string, (out: string) => void, RegExp]>([
  [
    'a folder of somebody else',
    (out) => mkdirSync(join(out, 'evaluation'), { recursive: true }),
    /\(evaluation\)/,
  ],
  [
    'what was put beside our files',
    (out) => {
      mkdirSync(out);
      for (const name of ['.flywheel-datasets', 'funnel.json', 'thesis.tex'])
        writeFileSync(join(out, name), '');
    },
    /\(thesis\.tex\)/,
  ],
  ['a file', (out) => writeFileSync(out, 'precious'), /it is a file; name a folder/],
])(
  '%s is written over',
  async (_what, prepare, reason) => {
    const { at, fromFile } = await aWorkplace();
    prepare(at('out'));
    const before = readdirSync(at('')).length;
    const program = fromFile();
    expect(await program.ended()).toBe(2);
    expect(program.output()).toMatch(reason);
    expect(readdirSync(at(''))).toHaveLength(before);
  },
  60_000,
);

test('a mistake is not told as such, or leaves a folder behind', async () => {
  const { at, build, fromFile } = await aWorkplace(orderLogs(10));
  const cases: [Program, number, RegExp][] = [
    [fromFile(), 1, /^Not enough records found .* only 30 were found\.$/m],
    [
      build({}, '--logs', at('logs.jsonl'), '--workload', 'x'),
      2,
      /no such workload; name one of:\n.*order_agent/,
    ],
    [build({}, '--logs', at('nowhere.jsonl')), 1, /nowhere\.jsonl cannot be opened: there is no such file/],
    [build({}, '--workload', 'x'), 2, /--workload and --client are needed, or --logs/],
    [build({}, ...NAMES, '--data-dir', at('')), 2, /only 0 were found\. The store is empty\./],
  ];
  for (const [program, code, reason] of cases) {
    expect(await program.ended(), program.output()).toBe(code);
    expect(program.output()).toMatch(reason);
    expect(program.output()).not.toMatch(/^ +at /m);
  }
  expect(existsSync(at('out'))).toBe(false);
}, 120_000);

test('a store that another process has open is answered without saying what to do', async () => {
  const { at, build } = await aWorkplace();
  const stores = await openStores({ kind: 'duckdb', file: at('flywheel.duckdb') });
  onTestFinished(() => stores.close());
  const program = build({}, ...NAMES, '--data-dir', at(''));
  expect(await program.ended()).toBe(1);
  expect(program.output()).toMatch(/the embedded store could not start: .*\/api\/datasets\/preview.*--logs/s);
}, 60_000);

test('production traffic stays in the temporary folder', async () => {
  const { at, fromFile } = await aWorkplace();
  const program = fromFile();
  expect(await program.ended()).toBe(0);
  expect(readdirSync(program.temporary)).not.toContainEqual(expect.stringContaining('flywheel-datasets-'));
  expect(readdirSync(join(program.temporary, `flywheel-${process.getuid?.()}`, 'spool'))).toEqual([]);
  expect(readdirSync(at('')).sort()).toEqual(['config.yaml', 'logs.jsonl', 'out']);
}, 60_000);

test('the command works elsewhere than in the spool folder, or leaves there what a killed one had', async () => {
  const { at, fromFile } = await aWorkplace();
  const env = { FLYWHEEL_SPOOL_DIR: at('spool') };
  await leaveFolder(at('spool'));
  expect(readdirSync(at('spool'))).toHaveLength(1);
  const program = fromFile({ env });
  expect(await program.ended(), program.output()).toBe(0);
  expect(readdirSync(at('spool'))).toEqual([]);

  const unusable = fromFile({ env: { FLYWHEEL_SPOOL_DIR: at('config.yaml/spool') } });
  expect(await unusable.ended()).toBe(1);
  expect(unusable.output()).toMatch(/the spool could not start: .*config\.yaml/);
}, 60_000);

test('examples by meaning, which the command does not ask for, are spread without a word', async () => {
  const { at, fromFile } = await aWorkplace();
  const embedding = '    embedding_nim_config: { deployment_type: external, model_name: embed }';
  const similar = `example_selection: semantic_similarity\n  similarity_config:\n    relevance_ratio: 0.7\n${embedding}`;
  const config = readFileSync(at('config.yaml'), 'utf8');
  writeFileSync(at('config.yaml'), config.replace('example_selection: uniform_distribution', similar));
  const program = fromFile();
  expect(await program.ended(), program.output()).toBe(0);
  expect(program.output()).toMatch(
    /^Warning: .*semantic_similarity, but only a job asks the embedding model/m,
  );
}, 60_000);

test('a log file of another format is read in another way than by an import, or a store as one', async () => {
  const { at, build } = await aWorkplace();
  const rows = Array.from({ length: 60 }, (_, n) => `${1_700_000_000 + n},question ${n},answer ${n}`);
  writeFileSync(at('calls.csv'), ['ts,prompt,reply', ...rows].join('\n'));
  const columns = ['--columns', 'timestamp=ts,messages=prompt,answer=reply'];
  const names = ['--workload', 'faq', '--client', 'shop'];
  const program = build({}, '--logs', at('calls.csv'), ...columns, ...names);
  expect(await program.ended(), program.output()).toBe(0);
  expect(linesOf(at('out/evaluation/eval_data.jsonl'))).toHaveLength(30);

  const misread = build({}, '--logs', at('logs.jsonl'), '--format', 'langfuse');
  expect(await misread.ended()).toBe(1);
  expect(misread.output()).toMatch(/Nothing in the file is a usable log record/);
  for (const option of [columns, ['--format', 'nat']]) {
    const wrong = build({}, ...NAMES, ...option);
    expect(await wrong.ended()).toBe(2);
    expect(wrong.output()).toMatch(/name it with --logs/);
  }
}, 120_000);
