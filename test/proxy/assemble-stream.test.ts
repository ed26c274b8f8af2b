import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleStream } from '../../src/proxy/assemble-stream.js';

type Fields = Record<string, unknown>;

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('a\nb', '\r\n', '\u2028', '[DONE]', 'data: x'),
);
const call = fc.record({
  id: fc.uuid().map((id) => `call_${id}`),
  type: fc.constant('function'),
  function: fc.record({ name: fc.stringMatching(/^[a-z]{1,8}$/), arguments: fc.json() }),
});
const logprobs = fc.record({
  content: fc.array(fc.record({ token: text, logprob: fc.integer() }), { maxLength: 4 }),
});
const message = fc.oneof(
  fc.record({ role: fc.constant('assistant'), content: text }),
  fc.record({ role: fc.constant('assistant'), content: text, reasoning_content: text }),
  fc.record({ role: fc.constant('assistant'), content: fc.constant(null), refusal: text }),
  fc.record({
    role: fc.constant('assistant'),
    content: fc.oneof(text, fc.constant(null)),
    tool_calls: fc.array(call, { minLength: 1, maxLength: 3 }),
  }),
);
const choice = fc.record({
  message,
  logprobs: fc.oneof(logprobs, fc.constant(null)),
  finish_reason: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter'),
});
const completion = fc.record({
  id: fc.uuid(),
  object: fc.constant('chat.completion'),
  created: fc.nat(),
  model: fc.constant('m'),
  choices: fc
    .array(choice, { minLength: 1, maxLength: 3 })
    .map((all) => all.map((one, index) => ({ index, ...one }))),
  usage: fc.option(fc.record({ prompt_tokens: fc.nat(), total_tokens: fc.nat() }), { nil: undefined }),
});
type Completion = typeof completion extends fc.Arbitrary<infer T> ? T : never;

/** Cuts a text into pieces, as many as the dice say. */
function pieces(whole: string, dice: () => number): string[] {
  const characters = [...whole];
  const cut: string[] = [];
  while (characters.length > 0) cut.push(characters.splice(0, 1 + (dice() % 7)).join(''));
  return cut;
}

/** The deltas of one choice, in the order in which a server sends them. */
function deltas(
  { index, message, logprobs, finish_reason }: Completion['choices'][number],
  dice: () => number,
): Fields[] {
  const {
    role,
    content,
    tool_calls: calls = [],
    ...others
  } = message as Fields & {
    tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
  };
  const inPieces = (key: string, value: unknown) =>
    typeof value === 'string' ? pieces(value, dice).map((piece) => ({ [key]: piece })) : [];
  const first = typeof content === 'string' ? '' : content;
  const said: Fields[] = [
    { role, content: first, ...mapped(others, (value) => (value === null ? null : '')) },
  ];
  for (const [key, value] of Object.entries({ content, ...others })) said.push(...inPieces(key, value));
  const ofCalls = calls.map((one, at) => [
    { index: at, ...one, function: { ...one.function, arguments: '' } },
    ...pieces(one.function.arguments, dice).map((piece) => ({ index: at, function: { arguments: piece } })),
  ]);
  for (const one of interleaved(ofCalls, dice)) said.push({ tool_calls: [one] });
  const tokens: Fields[] = logprobs?.content ?? [];
  const chunks: Fields[] = said.map((delta) => ({ index, delta, finish_reason: null, logprobs: null }));
  if (logprobs) chunks.push({ index, delta: {}, finish_reason: null, logprobs: { content: [] } });
  chunks.push(
    ...tokens.map((token) => ({ index, delta: {}, finish_reason: null, logprobs: { content: [token] } })),
  );
  return [...chunks, { index, delta: {}, finish_reason }];
}

const mapped = (fields: Fields, change: (value: unknown) => unknown): Fields =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(value)]));

/** Each list stays in order. */
function interleaved<T>(lists: T[][], dice: () => number): T[] {
  const left = lists.map((list) => [...list]).filter((list) => list.length > 0);
  const mixed: T[] = [];
  while (left.length > 0) {
    const at = dice() % left.length;
    const next = left[at]?.shift();
    if (next !== undefined) mixed.push(next);
    if (left[at]?.length === 0) left.splice(at, 1);
  }
  return mixed;
}

function streamOf(
  { choices, usage, object: _object, ...head }: Completion,
  numbers: number[],
  end: string,
): string {
  let at = 0;
  const dice = () => numbers[at++ % numbers.length] ?? 0;
  const chunks = interleaved(
    choices.map((one) => deltas(one, dice)),
    dice,
  ).map((one) => ({ choices: [one] }) as Fields);
  if (usage) chunks.push({ choices: [], usage });
  const events = chunks.map((chunk) => {
    const json = JSON.stringify({ ...head, object: 'chat.completion.chunk', ...chunk });
    const comment = dice() % 5 === 0 ? `: keep-alive${end}${end}` : '';
    return `${comment}data: ${json}${end}${end}`;
  });
  return `${events.join('')}data: [DONE]${end}${end}`;
}

test('an assembled stream is another than the answer without streaming', () => {
  const dice = fc.array(fc.nat(), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(completion, dice, fc.constantFrom('\n', '\r\n'), (whole, numbers, end) => {
      expect(assembleStream(streamOf(whole, numbers, end))).toEqual({
        completion: JSON.parse(JSON.stringify(whole)),
        end: 'whole',
      });
    }),
    { numRuns: 500 },
  );
});

const data = (...chunks: unknown[]) => chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
const chunk = (delta: unknown, finish_reason: string | null = null) => ({
  id: 'x',
  choices: [{ index: 0, delta, finish_reason }],
});
const messageOf = (stream: string) => {
  const { completion } = assembleStream(stream);
  const [first] = completion['choices'] as { message: unknown }[];
  return first?.message;
};

describe('a server that streams in its own way', () => {
  const fn = (name: string, args: string) => ({ function: { name, arguments: args } });

  test.each<[string, unknown[], unknown[]]>([
    [
      'counts no tool calls',
      [
        { id: 'a', type: 'function', ...fn('f', '{"x"') },
        { function: { arguments: ':1}' } },
        { id: 'b', ...fn('g', '{}') },
      ],
      [
        { id: 'a', type: 'function', ...fn('f', '{"x":1}') },
        { id: 'b', ...fn('g', '{}') },
      ],
    ],
    [
      'repeats the name and empties the id',
      [
        { index: 0, id: 'a', ...fn('f', '{') },
        { index: 0, id: '', ...fn('f', '}') },
        { index: 0, ...fn('', '') },
      ],
      [{ id: 'a', ...fn('f', '{}') }],
    ],
  ])('and %s loses a call', (_way, given, expected) => {
    const stream = data(...given.map((call) => chunk({ tool_calls: [call] })), chunk({}, 'tool_calls'));
    expect(messageOf(stream)).toEqual({ role: 'assistant', content: null, tool_calls: expected });
  });

  test('and calls a function in the former way loses it', () => {
    const stream = data(
      chunk({ role: 'assistant', content: null, function_call: { name: 'f', arguments: '' } }),
      chunk({ function_call: { arguments: '{"n":' } }),
      chunk({ function_call: { arguments: '1}' } }, 'function_call'),
    );
    expect(messageOf(stream)).toMatchObject({ function_call: { name: 'f', arguments: '{"n":1}' } });
  });
});

test.each<[string, string, 'whole' | 'failed' | 'open']>([
  ['ended by a reason only', data(chunk({ content: 'a' }), chunk({}, 'stop')), 'whole'],
  ['ended by DONE only', `${data(chunk({ content: 'a' }))}data: [DONE]\n\n`, 'whole'],
  ['cut between chunks', data(chunk({ content: 'a' })), 'open'],
  ['cut within a chunk', `${data(chunk({ content: 'a' }))}data: {"choices"`, 'open'],
  ['of nothing', 'data: [DONE]\n\n', 'open'],
  [
    'with an error as a chunk',
    data(chunk({ content: 'a' }), { error: { message: 'x' } }, chunk({}, 'stop')),
    'failed',
  ],
  [
    'with an event of an error',
    `${data(chunk({ content: 'a' }))}event: error\ndata: {"message": "x"}\n\n`,
    'failed',
  ],
])('a stream %s is taken for another', (_what, stream, end) => {
  expect(assembleStream(stream).end).toBe(end);
});

test('a long number in a chunk is altered', async () => {
  const { withLongNumbers } = await import('../../src/records/long-numbers.js');
  const stream = `data: {"seed":9007199254740993123,"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n`;
  expect(withLongNumbers(assembleStream(stream).completion)).toContain('"seed":9007199254740993123');
});
