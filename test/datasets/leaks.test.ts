import { describe, expect, test } from 'vitest';
import { aRecord, called, said } from '../support/log-records.js';
import { buildOf, type Fields, toolNamed } from './asked.js';
import type { ReadBack } from './built.js';
import { clock, leakedRequests } from './leaks.js';

/** Steps of one conversation: what the user says and what is answered, turn by turn. */
function conversation(turns: [string, string][], change: (step: number) => Fields = () => ({})): Fields[] {
  const history: Fields[] = [];
  return turns.map(([ask, answer], step) => {
    history.push(said('user', ask));
    const { system, ...more } = change(step);
    const messages = [...(system ? [system] : []), ...history];
    history.push(said('assistant', answer));
    return aRecord({
      timestamp: 1_700_000_000 + step,
      request: { messages },
      response: { choices: [{ message: said('assistant', answer) }] },
      ...more,
    });
  });
}

const times = <T>(count: number, make: (n: number) => T[]): T[] =>
  Array.from({ length: count }, (_, n) => make(n)).flat();

/** Of several seeds: a leak must not hide behind a lucky draw. */
async function builds(records: Fields[], evalSize = 8): Promise<ReadBack[]> {
  const seeds = [1, 2, 3, 4, 5].map((randomSeed) => buildOf(records, { split: { evalSize, randomSeed } }));
  return await Promise.all(seeds);
}

async function expectNoLeak(records: Fields[], evalSize = 8): Promise<ReadBack[]> {
  const files = await builds(records, evalSize);
  for (const built of files) {
    expect(leakedRequests(built)).toEqual([]);
    expect(built.built.funnel.sharedConversations).toBe(0);
    expect(built.evaluation.length).toBeGreaterThan(evalSize / 2);
  }
  return files;
}

const described = (description: string) => ({ type: 'function', function: { name: 'look_up', description } });

const session = (name: string): Fields => ({ session_id: name });
const END: [string, string] = ['Thanks', 'Good bye.'];

describe('a request that is evaluated stands in what is trained on', () => {
  test('where two sessions asked the same, and the duplicate of one of them is dropped', async () => {
    const pair = (n: number) =>
      ['a', 'b'].flatMap((side) =>
        conversation([[`question ${n}`, 'Let me see.'], [`and ${side}`, 'There.'], END], () =>
          session(`${n}${side}`),
        ),
      );
    await expectNoLeak(times(12, pair));
  });

  test('where two sessions of many asked the same', async () => {
    const pair = (n: number) =>
      ['a', 'b'].flatMap((side) =>
        conversation(
          [
            [`question ${n}`, 'Let me see.'],
            [`and ${side}`, 'There.'],
          ],
          () => session(`${n}${side}`),
        ),
      );
    const [files] = await expectNoLeak(times(24, pair), 12);
    expect(files?.built.funnel).toMatchObject({ duplicates: 24, conversations: 24 });
  });

  test('where a session is named from the second step on, and a system prompt tells the time', async () => {
    const one = (n: number) =>
      conversation(
        [
          ['Hi', `Hello ${n}.`],
          [`question ${n}`, 'There.'],
        ],
        (step) => ({
          system: clock(100 * n + step),
          ...(step > 0 && session(`${n}`)),
        }),
      );
    await expectNoLeak(times(20, one));
  });

  test('where all sessions begin alike', async () => {
    const one = (n: number) =>
      conversation([['Hi', 'How can I help?'], [`question ${n}`, 'There.'], END], () => session(`${n}`));
    const [files] = await expectNoLeak(times(20, one));
    expect(files?.built.funnel).toMatchObject({ duplicates: 19, conversations: 20 });
    expect(files?.built.warnings).toContain(
      'Conversations that begin alike hold 100 % of the records (41): taken for 20; what they share (1) is only trained on',
    );
  });

  test('where all sessions go on alike, too', async () => {
    const one = (n: number) =>
      conversation([['Hi', 'Hello.'], ['Help', 'With what?'], [`question ${n}`, 'There.'], END], () =>
        session(`${n}`),
      );
    const [files] = await expectNoLeak(times(20, one));
    expect(files?.built.funnel).toMatchObject({ duplicates: 38, conversations: 20 });
  });

  test.each<[string, (n: number) => Fields[][]]>([
    ['in parts', (n) => [`q ${n}`, [{ type: 'text', text: `q ${n}` }]].map((text) => [said('user', text)])],
    [
      'in several parts, with what a provider adds',
      (n) =>
        [`q ${n}`, [{ text: 'q ', cache_control: {} }, `${n}`]].map((text) => [
          said('user', text),
          said('assistant', 'Yes?'),
          said('user', 'Go on'),
        ]),
    ],
    [
      'with parts beside an image',
      (n) =>
        [['q ', `${n}`], [`q ${n}`]].map((texts) => [
          said('user', [
            { type: 'image_url', image_url: { url: 'https://example.test/a.png' } },
            ...texts.map((text) => ({ type: 'text', text })),
          ]),
        ]),
    ],
    [
      'with a call that says nothing in another way',
      (n) =>
        [null, '', undefined, []].map((content) => [
          said('user', `q ${n}`),
          { ...called('look_up', { n }), content },
          said('tool', 'found'),
        ]),
    ],
    [
      'with a call whose arguments are none in another way',
      (n) =>
        ['', '{}', null].map((args) => [
          said('user', `q ${n}`),
          called('look_up', args),
          said('tool', 'found'),
        ]),
    ],
  ])('where another logger writes it %s', async (_how, forms) => {
    const written = (n: number) =>
      forms(n).map((messages, i) =>
        aRecord({ timestamp: 1_700_000_000 + i, request: { messages }, session_id: `${n}-${i}` }),
      );
    const records = times(20, written);
    const [files] = await expectNoLeak(records);
    expect(files?.built.funnel.duplicates).toBe(records.length - 20);
  });

  test.each<[string, (i: number) => unknown[]]>([
    ['by other words', (i) => [described(`version ${i}`)]],
    ['in another order', (i) => (i === 0 ? ['a', 'b'] : ['b', 'a']).map((name) => toolNamed(name))],
    ['in one of two', (i) => (i === 0 ? [] : [toolNamed('look_up')])],
  ])('where another session describes its tools %s', async (_how, toolsOf) => {
    const both = (n: number) =>
      [0, 1].map((i) =>
        aRecord({
          timestamp: 1_700_000_000 + i,
          request: { messages: [said('user', `question ${n}`)], tools: toolsOf(i) },
          session_id: `${n}-${i}`,
        }),
      );
    const [files] = await expectNoLeak(times(60, both), 20);
    expect(files?.built.funnel.duplicates).toBe(0);
  });

  test.each<[string, (n: number) => string]>([
    ['of its own', (n) => `question ${n}`],
    ['that all share', () => 'Do the nightly work'],
  ])(
    'where a system prompt tells the time, and a conversation has a beginning %s',
    async (_how, beginning) => {
      const one = (n: number) =>
        conversation([[beginning(n), 'At once.'], [`then ${n}`, 'Done.'], END], (step) => ({
          system: clock(100 * n + step),
        }));
      await expectNoLeak(times(20, one));
    },
  );

  test('where a system prompt tells the time in a loop of tools', async () => {
    const loop = (n: number) =>
      [0, 1, 2].map((step) =>
        aRecord({
          request: {
            messages: [
              clock(100 * n + step),
              said('user', `work ${n}`),
              ...times(step, (i) => [called('look_up', { i }), said('tool', `found ${i}`)]),
            ],
          },
        }),
      );
    await expectNoLeak(times(20, loop));
  });
});

describe('a request without a user turn is evaluated, and stands in what is trained on', () => {
  const step = (messages: Fields[], answer: string, more: Fields = {}) =>
    aRecord({
      request: { messages },
      response: { choices: [{ message: said('assistant', answer) }] },
      ...more,
    });
  const withLater = (opening: Fields[], greeting: string, n: number, more: Fields = {}) => [
    step(opening, greeting, more),
    step([...opening, said('assistant', greeting), said('user', `question ${n}`)], 'There.', more),
  ];

  test.each<[string, (n: number) => Fields[]]>([
    ['a system prompt of its own', (n) => withLater([said('system', `Shop ${n}`)], `Hello ${n}`, n)],
    ["a developer's prompt", (n) => withLater([said('developer', `Shop ${n}`)], `Hello ${n}`, n)],
    ['a greeting', (n) => withLater([said('assistant', `event ${n}`)], 'I see.', n)],
    ['an event', (n) => withLater([said('tool', `event ${n}`)], 'I see.', n)],
    ['a prompt that all share', (n) => withLater([said('system', 'Greet.')], `Hello ${n}`, n)],
    ['a prompt and a greeting that all share', (n) => withLater([said('system', 'Greet.')], 'Hello', n)],
    [
      'a prompt that all sessions share',
      (n) => withLater([said('system', 'Greet.')], `Hello ${n}`, n, session(`${n}`)),
    ],
    [
      'a prompt that two answered in other words',
      (n) => [
        ...withLater([said('system', `Shop ${n}`)], `Hello ${n}`, n),
        ...withLater([said('system', `Shop ${n}`)], `Hi ${n}`, n),
      ],
    ],
  ])('where it is %s', async (_what, steps) => {
    await expectNoLeak(times(40, steps));
  });
});

test('sessions of one step prove that a system prompt is steady', async () => {
  const asking = (text: string, n: number) =>
    aRecord({ request: { messages: [clock(n), said('user', text)] }, session_id: `${n}` });
  const records = times(100, (n) => [asking(n < 10 ? 'Is it open?' : `question ${n}`, n)]);
  for (const files of await expectNoLeak(records, 30)) expect(files.built.warnings).toEqual([]);
});

test('requests that differ by their system prompt alone cannot be told apart, or it goes uncounted that they are shared', async () => {
  const summary = (n: number) =>
    aRecord({
      request: { messages: [said('system', `Text ${n}`), said('user', 'Sum it up.')] },
      ...(n % 2 === 0 && session(`${n}`)),
    });
  const [files] = await builds(times(40, (n) => [summary(n)]));
  expect(files?.built.sizes).toMatchObject({ evaluation: 8 });
  expect(files?.built.warnings).toEqual([
    'Conversations that begin alike hold 100 % of the records (40): taken for 40, told apart by their system prompts',
  ]);
  expect(files?.built.funnel).toMatchObject({ conversations: 40, sharedConversations: 1 });
});

test('prompts of a system alone cannot be told apart', async () => {
  const records = Array.from({ length: 40 }, (_, n) =>
    aRecord({ request: { messages: [said('system', `Text ${n}`)] } }),
  );
  const [files] = await builds(records);
  expect(files?.built.funnel.conversations).toBe(40);
});

test('one session is divided by what it shares with another', async () => {
  const long = conversation(
    Array.from({ length: 30 }, (_, i): [string, string] => [i === 0 ? 'Hi' : `question ${i}`, 'There.']),
    () => session('long'),
  );
  const others = times(20, (n) =>
    conversation(
      [
        ['Hi', 'Hello.'],
        [`on ${n}`, 'There.'],
      ],
      () => session(`${n}`),
    ),
  );
  for (const { evaluation, training, validation } of await expectNoLeak([...long, ...others])) {
    const isLong = (row: { messages: unknown[] }) => JSON.stringify(row).includes('question 1"');
    const sides = [evaluation.map(({ request }) => request), [...training, ...validation]];
    expect(sides.filter((rows) => rows.some(isLong))).toHaveLength(1);
  }
});

test('what conversations share is an example for one of them', async () => {
  const one = (n: number) => conversation([['Hi', 'How can I help?'], [`question ${n}`, 'There.'], END]);
  for (const { inContext } of await builds(times(20, one))) {
    const shown = inContext.map(({ request }) => String(request.messages[0]?.content));
    expect(shown.filter((text) => !text.includes('For example'))).toEqual([]);
    expect(
      shown.filter((text) => text.includes('The assistant answered:\nassistant: How can I help?')),
    ).toEqual([]);
  }
});
