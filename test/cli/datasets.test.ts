import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../src/stores/index.js';
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
  const build = (...args: string[]): Program =>
    flywheel(['datasets', '--out', at('out'), '--config', at('config.yaml'), ...args]);
  return { at, build, fromFile: () => build('--logs', at('logs.jsonl')) };
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

  const second = build(...NAMES, '--data-dir', at(''));
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
      build('--logs', at('logs.jsonl'), '--workload', 'x'),
      2,
      /no such workload; name one of:\n.*order_agent/,
    ],
    [build('--logs', at('nowhere.jsonl')), 1, /nowhere\.jsonl cannot be opened: there is no such file/],
    [build('--workload', 'x'), 2, /--workload and --client are needed, or --logs/],
    [build(...NAMES, '--data-dir', at('')), 2, /only 0 were found\. The store is empty\./],
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
  const program = build(...NAMES, '--data-dir', at(''));
  expect(await program.ended()).toBe(1);
  expect(program.output()).toMatch(/the embedded store could not start: .*\/api\/datasets\/preview.*--logs/s);
}, 60_000);

test('production traffic stays in the temporary folder', async () => {
  const { fromFile } = await aWorkplace();
  const program = fromFile();
  expect(await program.ended()).toBe(0);
  expect(readdirSync(program.temporary)).not.toContainEqual(expect.stringContaining('flywheel-datasets-'));
}, 60_000);
