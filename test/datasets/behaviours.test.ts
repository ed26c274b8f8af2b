import { describe, expect, test } from 'vitest';
import { aRecord, said } from '../support/log-records.js';
import { asked, buildOf, type Fields, many, questionsOf, toolNamed, TOOLS } from './asked.js';

test('answers without a tool are dropped where others call one, or may not be given', async () => {
  const files = await buildOf(
    many(40, (n) => (n % 4 === 0 ? 'look_up' : null)),
    { split: { evalSize: 20 } },
  );
  expect(files.built.workloadType).toBe('tool-calling');
  expect(files.built.tools.evaluation).toEqual({ no_tool: 15, look_up: 5 });
  expect(files.built.tools.training['no_tool']).toBeGreaterThan(0);
  for (const { request } of files.evaluation) expect(request.tool_choice).toBe('auto');
});

describe('records with the same user turns are dropped as duplicates', () => {
  const ask = said('user', 'Where is it?');
  test.each<[string, Fields[]]>([
    ['though they are later steps', [{ messages: [ask] }, { messages: [ask, said('tool', 'on its way')] }]],
    [
      'though another system message stands before them',
      ['Be kind.', 'Be brief.'].map((text) => ({ messages: [said('system', text), ask] })),
    ],
    ['though other tools are offered', [{ messages: [ask] }, { messages: [ask], tools: TOOLS }]],
    [
      'though something else was said before',
      ['Yes.', 'No.'].map((text) => ({ messages: [said('user', 'Hello'), said('assistant', text), ask] })),
    ],
  ])('%s', async (_why, requests) => {
    const records = requests.map((request) => aRecord({ request }));
    const { built } = await buildOf([...many(20), ...records]);
    expect(built.funnel).toMatchObject({ read: 22, duplicates: 0 });
  });
});

test('of answers to one request another than the newest is kept, or the contradiction is not shown', async () => {
  const [old, fresh] = ['old', 'new'].map((text, i) =>
    asked(99, null, {
      timestamp: 1_800_000_000 + i,
      response: { choices: [{ message: said('assistant', text) }] },
    }),
  );
  const files = await buildOf([fresh, old, ...many(20)]);
  expect(files.built.funnel).toMatchObject({ duplicates: 1, conflicts: 1 });
  expect(files.built.funnel.examples?.conflicts).toEqual(files.built.funnel.examples?.duplicates);
  expect(JSON.stringify(files.bytes)).toContain('new');
  expect(JSON.stringify(files.bytes)).not.toContain('\\"old\\"');
});

test('a limit takes others than the newest, whatever the unit of their times', async () => {
  const inSeconds = 1_700_000_000;
  const records = many(60).map((record, n) => {
    const at = inSeconds + n;
    return { ...record, timestamp: [at, at * 1000, new Date(at * 1000).toISOString()][n % 3] };
  });
  const files = await buildOf(records, { split: { limit: 20, evalSize: 5 } });
  const newest = Array.from({ length: 20 }, (_, i) => `question ${40 + i}`);
  expect(questionsOf(files)).toEqual(newest.sort());
  expect(files.built.funnel.beyondLimit).toBe(40);
});

test('another seed makes the same files', async () => {
  const bytesOf = async (randomSeed: number) => (await buildOf(many(60), { split: { randomSeed } })).bytes;
  expect(await bytesOf(1)).not.toEqual(await bytesOf(2));
});

test('a tool is missing in evaluation or validation though there is enough of it', async () => {
  const files = await buildOf(
    many(90, (n) => ['look_up', 'cancel', null][n % 3] ?? null),
    {
      split: { evalSize: 30, valRatio: 0.2 },
    },
  );
  expect(files.built.tools.evaluation).toEqual({ cancel: 10, look_up: 10, no_tool: 10 });
  expect(files.built.tools.validation).toEqual({ cancel: 4, look_up: 4, no_tool: 4 });
});

test.each([1, 2, 7])('tools that are called once, %d of them, end a build', async (once) => {
  const names = Array.from({ length: once }, (_, n) => `once_${n}`);
  const rare = names.map((name, n) => asked(100 + n, name, { request: requestWith(name, n) }));
  const { built } = await buildOf([...many(30, () => 'look_up'), ...rare]);
  expect(built.sizes).toEqual({ evaluation: 5, training: 22 + once, validation: 3 });

  function requestWith(name: string, n: number): Fields {
    return { messages: [said('user', `rare ${n}`)], tools: [toolNamed(name)] };
  }
});

describe('a split at the edge', () => {
  test('is no clear error where duplicates leave fewer records than are to be evaluated', async () => {
    const again = Array.from({ length: 40 }, (_, n) => asked(0, null, { timestamp: 1_700_000_100 + n }));
    await expect(buildOf([...many(20), ...again], { split: { evalSize: 40 } })).rejects.toThrow(
      /^eval_size cannot be larger than the total number of records\. eval_size is 40, and 20 records can be used/,
    );
  });

  test.each([
    ['no validation is asked for', 10, { evalSize: 5, valRatio: 0 }, [5, 5, 0]],
    ['one record is left', 10, { evalSize: 9, valRatio: 0.5 }, [9, 1, 0]],
    ['there are two', 2, { evalSize: 1, valRatio: 0.1 }, [1, 1, 0]],
    ['each has another tool', 4, { evalSize: 2, valRatio: 0.5 }, [2, 1, 1]],
  ])('fails where %s', async (_when, count, split, sizes) => {
    const { built } = await buildOf(
      many(count, (n) => ['look_up', 'cancel', 'rare', null][n] ?? null),
      { split },
    );
    expect(Object.values(built.sizes)).toEqual(sizes);
  });
});
