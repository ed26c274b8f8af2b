import { expect, test } from 'vitest';
import { aRecord, called, said } from '../support/log-records.js';
import {
  asked,
  bareCall,
  buildOf,
  type Fields,
  many,
  questionsOf,
  reasonsOf,
  toolNamed,
  TOOLS,
} from './asked.js';

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
  const call = bareCall('look_up', '{"n": 1}');
  const records = Array.from({ length: 20 }, (_value, i) => {
    const messages = [
      said('user', `question ${i}`),
      call,
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
    const bare = bareCall('look_up', { n: i });
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
