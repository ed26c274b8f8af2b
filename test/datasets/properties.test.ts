import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digester } from '../../src/records/digest.js';
import { stableJson } from '../../src/records/json.js';
import { toEvaluationRow, type TrainingRow, type WireMessage } from '../../src/records/rows.js';
import { anyRecord, aRecord, readRecord, said } from '../support/log-records.js';
import { accountedFor, build, buildIfPossible, NAMES, splits, textsOf } from './built.js';
import { learnedOf } from './leaks.js';
import { MARK, type Traffic, traffic } from './traffic.js';

/** Each builds datasets from log records to files, and reads these again. */
const RUNS = { numRuns: 25, seed: 11 };

/** Long enough for a busy machine. */
const PATIENT = 180_000;

const requestOf = ({ messages }: TrainingRow): WireMessage[] => messages.slice(0, -1);

/** What stands in a message, however its arguments are written and whatever it says for nothing. */
const saidIn = ({ role, content, tool_calls = [] }: WireMessage): string =>
  stableJson([
    role,
    content ?? '',
    tool_calls.map(({ function: { name, arguments: args } }) => [
      name,
      typeof args === 'string' ? (JSON.parse(args) as unknown) : args,
    ]),
  ]);
const saidBy = (messages: readonly WireMessage[]): string => messages.map(saidIn).join('\n');

const markOf = (messages: readonly WireMessage[]): string =>
  messages.map(({ content }) => MARK.exec(String(content))?.[0]).find((mark) => mark !== undefined) ?? '';

test(
  'what is evaluated is trained on: its request, its answer or its conversation',
  async () => {
    let built = 0;
    await fc.assert(
      fc.asyncProperty(traffic, splits, async ({ records }, split) => {
        const files = await buildIfPossible(textsOf(records), { split });
        if (files === null) return;
        built++;
        const learned = learnedOf(files);
        const requests = new Set(learned.map((row) => saidBy(requestOf(row))));
        const conversations = new Set(learned.map(({ messages }) => markOf(messages)));
        for (const { request } of files.evaluation) {
          expect(requests).not.toContain(saidBy(request.messages));
          expect(markOf(request.messages)).not.toBe('');
          expect(conversations).not.toContain(markOf(request.messages));
        }
        expect(files.built.funnel.sharedConversations).toBe(0);
        // Nor is anything learned twice.
        expect(requests.size).toBe(learned.length);
      }),
      RUNS,
    );
    expect(built).toBeGreaterThan(RUNS.numRuns / 2);
  },
  PATIENT,
);

/** Questions of many words, of which each has two nearly alike in other conversations. */
const nearlyAlike = fc
  .array(fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 40, maxLength: 60 }), {
    minLength: 8,
    maxLength: 14,
  })
  .map((questions) =>
    questions.flatMap((words, n) =>
      ['', ' please', ' thanks'].map((end) => ({
        ...aRecord({ timestamp: 1_700_000_000 + n }),
        request: { messages: [said('user', `q${n} ${words.map((word) => `w${word}`).join(' ')}${end}`)] },
      })),
    ),
  );

test(
  'a near-duplicate of what is evaluated is trained on',
  async () => {
    const numberOf = (messages: readonly WireMessage[]) => /^q\d+/.exec(String(messages[0]?.content))?.[0];
    await fc.assert(
      fc.asyncProperty(nearlyAlike, async (records) => {
        const files = await build(textsOf(records), { split: { evalSize: 6, nearDuplicateSimilarity: 0.8 } });
        const learned = new Set(learnedOf(files).map(({ messages }) => numberOf(messages)));
        for (const { request } of files.evaluation) expect(learned).not.toContain(numberOf(request.messages));
        expect(files.evaluation).toHaveLength(6);
        expect(files.built.funnel.nearDuplicates).toEqual({
          clusters: records.length / 3,
          records: records.length,
        });
      }),
      RUNS,
    );
  },
  PATIENT,
);

test(
  'an in-context example comes from what is evaluated',
  async () => {
    await fc.assert(
      fc.asyncProperty(traffic, async ({ records }) => {
        const files = await build(textsOf(records));
        const evaluated = new Set(files.evaluation.map(({ request }) => markOf(request.messages)));
        for (const [i, row] of files.inContext.entries()) {
          expect(row.original_messages).toEqual(files.evaluation[i]?.request.messages);
          const examples = String(row.request.messages[0]?.content);
          const shown = [...examples.matchAll(/conversation \d+:/g)].map(([mark]) => mark);
          expect(shown.length).toBeGreaterThan(0);
          for (const mark of shown) expect(evaluated).not.toContain(mark);
        }
      }),
      RUNS,
    );
  },
  PATIENT,
);

/** The sums of some of the sizes: not of none, not of all. */
function sumsOf(sizes: readonly number[]): Set<number> {
  const sums = sizes.reduce(
    (known, size) => new Set([...known, ...[...known].map((sum) => sum + size)]),
    new Set([0]),
  );
  sums.delete(0);
  sums.delete(sizes.reduce((sum, size) => sum + size, 0));
  return sums;
}

function sizesBy(marks: readonly string[]): number[] {
  const sizes = new Map<string, number>();
  for (const mark of marks) sizes.set(mark, (sizes.get(mark) ?? 0) + 1);
  return [...sizes.values()];
}

const nearestOf = (sums: Iterable<number>, wanted: number): number =>
  Math.min(...[...sums].map((sum) => Math.abs(sum - wanted)));

test(
  'a size is missed by more than whole conversations make it, or in silence',
  async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(traffic, splits, async ({ records }, split) => {
        const files = await buildIfPossible(textsOf(records), { split });
        if (files === null) return;
        found++;
        const { evaluation, validation, built } = files;
        const evaluated = evaluation.map(({ request }) => markOf(request.messages));
        const learned = learnedOf(files).map(({ messages }) => markOf(messages));
        const miss = Math.abs(evaluation.length - split.evalSize);
        expect(miss).toBe(nearestOf(sumsOf(sizesBy([...evaluated, ...learned])), split.evalSize));
        expect(built.warnings.some((warning) => warning.startsWith('eval_size:'))).toBe(miss > 0);

        const wanted = Math.round(learned.length * split.valRatio);
        const sums = sumsOf(sizesBy(learned));
        if (wanted === 0 || sums.size === 0) expect(validation).toEqual([]);
        else expect(Math.abs(validation.length - wanted)).toBe(nearestOf(sums, wanted));
      }),
      RUNS,
    );
    expect(found).toBeGreaterThan(RUNS.numRuns / 2);
  },
  PATIENT,
);

test(
  'the order of the store shows in the files or the funnel, or the seed does not fix them',
  async () => {
    let built = 0;
    await fc.assert(
      fc.asyncProperty(
        traffic.chain((made) =>
          fc.record({
            made: fc.constant(made),
            shuffled: fc.shuffledSubarray(made.records, { minLength: made.records.length }),
          }),
        ),
        splits,
        async ({ made, shuffled }, split) => {
          const first = await buildIfPossible(textsOf(made.records), { split });
          const again = await buildIfPossible(textsOf(shuffled), { split, pageRecords: 7 });
          expect(again === null).toBe(first === null);
          if (first === null || again === null) return;
          built++;
          expect(again.bytes).toEqual(first.bytes);
          expect(again.built).toEqual(first.built);
        },
      ),
      RUNS,
    );
    expect(built).toBeGreaterThan(RUNS.numRuns / 2);
  },
  PATIENT,
);

/** Some of whatever there is between what can be used. */
const withMalformed = fc
  .record({ made: traffic, malformed: fc.array(anyRecord, { maxLength: 40 }) })
  .map(({ made, malformed }): Traffic => ({ ...made, records: [...malformed, ...made.records] }));

test(
  'a record vanishes, or is in two places',
  async () => {
    let built = 0;
    await fc.assert(
      fc.asyncProperty(withMalformed, splits, async ({ records }, split) => {
        const files = await buildIfPossible(textsOf(records), { split, pageRecords: 20 });
        if (files === null) return;
        built++;
        const { funnel, sizes, tools, slices } = files.built;
        expect(funnel.read).toBe(records.length);
        expect(accountedFor(funnel)).toBe(funnel.read);
        const rows = {
          evaluation: files.evaluation.length,
          training: files.training.length,
          validation: files.validation.length,
        };
        expect(rows).toEqual(sizes);
        expect(funnel).toMatchObject(rows);
        expect(files.inContext).toHaveLength(rows.evaluation);
        expect(slices.reduce((sum, slice) => sum + slice.rows, 0)).toBe(rows.evaluation);
        for (const set of ['evaluation', 'training', 'validation'] as const)
          expect(Object.values(tools[set]).reduce((sum, n) => sum + n, 0)).toBe(rows[set]);
      }),
      RUNS,
    );
    expect(built).toBeGreaterThan(RUNS.numRuns / 2);
  },
  PATIENT,
);

test(
  'a row that is read as a log record is another row',
  async () => {
    const digestOf = digester();
    await fc.assert(
      fc.asyncProperty(traffic, async ({ records }) => {
        const { evaluation } = await build(textsOf(records));
        for (const row of evaluation) {
          const read = readRecord(row);
          if ('rejected' in read) throw new Error(read.rejected);
          const { id } = digestOf(read.record);
          expect(id).toBe(row.flywheel_id);
          expect(toEvaluationRow(id, read.record, NAMES)).toEqual(row);
        }
      }),
      RUNS,
    );
  },
  PATIENT,
);
