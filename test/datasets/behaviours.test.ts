import { describe, expect, test } from 'vitest';
import { aRecord, called, said } from '../support/log-records.js';
import { build, type BuildChange, type ReadBack, textsOf } from './built.js';

type Fields = Record<string, unknown>;

const toolNamed = (name: string, properties: Fields = {}) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties } },
});
const TOOLS = ['look_up', 'cancel', 'rare'].map((name) => toolNamed(name));

/** The n-th question, answered by a call of that tool, or in words. */
function asked(n: number, tool: string | null, change: Fields = {}): Fields {
  const message = tool === null ? said('assistant', `answer ${n}`) : called(tool, { n });
  return aRecord({
    timestamp: 1_700_000_000 + n,
    request: { messages: [said('user', `question ${n}`)], tools: TOOLS },
    response: { choices: [{ message }] },
    ...change,
  });
}

const many = (count: number, toolOf: (n: number) => string | null = () => null): Fields[] =>
  Array.from({ length: count }, (_, n) => asked(n, toolOf(n)));

const buildOf = (records: readonly unknown[], change: BuildChange = {}): Promise<ReadBack> =>
  build(textsOf(records), change);

/** The questions of all rows, wherever they are. */
const questionsOf = ({ evaluation, training, validation }: ReadBack): string[] =>
  [...evaluation.map(({ request }) => request), ...training, ...validation]
    .map(({ messages }) => String(messages.find(({ role }) => role === 'user')?.content))
    .sort();

const reasonsOf = ({ built }: ReadBack): string[] =>
  built.funnel.rejected.map(({ reason, count }) => `${count} × ${reason.split(':')[0]}`);

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

test('records of another client or workload become training data', async () => {
  const others = many(10).map((record, n) => ({
    ...record,
    ...(n % 2 === 0 ? { client_id: 'another c' } : { workload_id: 'w w' }),
  }));
  const files = await buildOf([...others, ...many(30).slice(10)]);
  expect(files.built.funnel.read).toBe(20);
  expect(questionsOf(files)).not.toContain('question 3');
});

test('what other loggers write keeps a record out, or tells its conversations apart wrongly', async () => {
  const messages = (i: number) => [said('human', `question ${i}`), said('ai', 'One moment.')];
  const records = Array.from({ length: 20 }, (_, i) =>
    aRecord({
      timestamp: 1_700_000_000 + i,
      contract_version: '0.1',
      error_details: null,
      request: { messages: [...messages(Math.floor(i / 2)), said('human', `then ${i}`)], tools: null },
    }),
  );
  const { built, training } = await buildOf(records);
  expect(built.funnel).toMatchObject({ read: 20, rejected: [], conversations: 10 });
  expect(training[0]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
  expect(built.workloadType).toBe('generic');
});

test('a set says of the same record something else than another', async () => {
  const { content: _, ...withoutContent } = called('look_up', '{"n": 1}');
  const records = Array.from({ length: 20 }, (_value, i) => {
    const messages = [
      said('user', `question ${i}`),
      withoutContent,
      { ...said('tool', 'found'), tool_call_id: 'call_1' },
    ];
    const answer = { ...called('cancel', { n: i }), refusal: null, audio: null, reasoning: 'hm' };
    return asked(i, null, {
      request: { messages, tools: TOOLS },
      response: { choices: [{ message: answer }] },
    });
  });
  const files = await buildOf(records);
  expect(files.built.sizes).toEqual({ evaluation: 5, training: 13, validation: 2 });
  const [row] = files.evaluation;
  expect(row?.request.messages[1]).toMatchObject({
    content: null,
    tool_calls: [{ function: { arguments: '{"n":1}' } }],
  });
  const [learned] = files.training;
  expect(learned?.messages[1]).toMatchObject({
    content: '',
    tool_calls: [{ function: { arguments: { n: 1 } } }],
  });
  expect(Object.keys(learned?.messages.at(-1) ?? {})).toEqual(['role', 'content', 'tool_calls']);
  expect(JSON.stringify(files.bytes)).not.toMatch(/refusal|audio|reasoning/);
});

test('a request that two loggers write in their own way counts as two', async () => {
  const call = (id: string, args: unknown) => ({
    role: 'assistant',
    tool_calls: [{ id, type: 'function', function: { name: 'look_up', arguments: args } }],
  });
  const found = { ...said('tool', 'found'), tool_call_id: 'call_1' };
  const forms = [
    [
      said('user', 'Where?'),
      { ...call('call_1', '{"b": 2, "a": 1}'), content: null },
      found,
      said('assistant', 'Here.'),
    ],
    [
      { ...said('human', 'Where?'), refusal: null },
      call('call_9', { a: 1, b: 2 }),
      { ...found, tool_call_id: 'call_9' },
      said('ai', 'Here.'),
    ],
  ];
  const records = forms.map((messages) => aRecord({ request: { messages, tools: TOOLS, model: 'm' } }));
  const { built } = await buildOf([...many(20), ...records]);
  expect(built.funnel).toMatchObject({ read: 22, rejected: [], duplicates: 1, conflicts: 0 });
});

test('an example loses what was said or called, or shows parts as something else', async () => {
  const parts = [
    { type: 'text', text: 'Look:' },
    { type: 'image_url', image_url: { url: 'https://example.test/a.png' } },
  ];
  const records = Array.from({ length: 20 }, (_, i) => {
    const { content: _content, ...bare } = called('look_up', { n: i });
    const message = { ...called('cancel', { n: i }), content: `I cancel ${i}.` };
    return asked(i, null, {
      request: {
        messages: [said('user', [...parts, { type: 'text', text: `${i}` }]), bare, said('tool', 'found')],
        tools: TOOLS,
      },
      response: { choices: [{ message }] },
    });
  });
  const { inContext, built } = await buildOf(records, { icl: { maxExamples: 1 } });
  expect(built.warnings).toEqual([]);
  const shown = String(inContext[0]?.request.messages[0]?.content);
  for (const text of ['"text":"Look:"', '"name":"look_up"', 'I cancel ', '"name": "cancel"'])
    expect(shown).toContain(text);
  expect(shown).not.toContain('[object');
});

test('one broken record ends the build, or is not counted under its reason', async () => {
  const broken: Fields[] = [
    { response: null },
    { response: 'text' },
    { response: { choices: [{ message: null }] } },
    { response: { choices: ['text'] } },
    { request: { messages: [] } },
    { request: { messages: 'Hello' } },
  ];
  const files = await buildOf([
    ...many(20),
    ...broken.map((change, n) => asked(90 + n, null, change)),
    null,
    '',
  ]);
  expect(reasonsOf(files).sort()).toEqual([
    '2 × no-answer',
    '2 × no-messages',
    '2 × no-response',
    '2 × not-an-object',
  ]);
});

test('tools of many parameters, or of none that are told, drop records that nobody asked to drop', async () => {
  const properties = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, {}]));
  const requests: Fields[] = [
    { tools: [toolNamed('wide', properties)] },
    { tools: null },
    { tools: [{ type: 'function', function: { name: 'bare', parameters: null } }] },
  ];
  const records = requests.map((request, n) =>
    asked(90 + n, null, { request: { messages: [said('user', `special ${n}`)], ...request } }),
  );
  expect(reasonsOf(await buildOf([...many(20), ...records]))).toEqual([]);
  const limited = await buildOf([...many(20), ...records], { evaluation: { maxToolProperties: 8 } });
  expect(reasonsOf(limited)).toEqual(['1 × too-many-tool-properties']);
});

test('rows that end in the same word in the same second have one id', async () => {
  const yes = (i: number) => [
    said('user', `question ${i}`),
    said('assistant', 'Shall I?'),
    said('user', 'yes'),
  ];
  const inParts = (i: number) => [said('user', [{ type: 'text', text: `question ${i}` }])];
  const records = Array.from({ length: 20 }, (_, i) =>
    aRecord({ request: { messages: i % 2 === 0 ? yes(i) : inParts(i) } }),
  );
  const { evaluation, built } = await buildOf(records, { split: { evalSize: 18, valRatio: 0 } });
  expect(built.funnel).toMatchObject({ duplicates: 0, rejected: [] });
  expect(new Set(evaluation.map(({ flywheel_id }) => flywheel_id)).size).toBe(18);
});
