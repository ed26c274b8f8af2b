import fc from 'fast-check';
import { called, said } from '../support/log-records.js';
import { toolNamed } from './asked.js';
import { clock } from './leaks.js';

type Fields = Record<string, unknown>;

/** What a conversation says in its n-th turn as many others do, too. */
const COMMON = [
  { ask: 'Hi', call: null, answer: 'How can I help?' },
  { ask: 'Do it', call: 'look_up', answer: 'I did.' },
  { ask: 'Go on', call: null, answer: 'Well.' },
];

/** The same tools in other words, in another order, with one more. */
const TOOL_LISTS = [
  [toolNamed('look_up'), toolNamed('cancel')],
  [toolNamed('cancel'), toolNamed('look_up')],
  [toolNamed('look_up', { id: { type: 'string' } }), toolNamed('cancel')],
  [toolNamed('look_up'), toolNamed('cancel'), toolNamed('refund')],
];

/** How one record of a step is written: the same request, whatever this is. */
const form = fc.record({
  isInParts: fc.boolean(),
  nothing: fc.constantFrom(null, '', undefined),
  isForeign: fc.boolean(),
  tools: fc.nat(3),
  isInSession: fc.boolean(),
  at: fc.nat(5),
});

const turn = fc.record({
  call: fc.constantFrom(null, null, 'look_up', 'cancel'),
  /** The records of its steps: each is logged that often. */
  forms: fc.array(form, { minLength: 1, maxLength: 2 }),
});

const conversation = fc.record({
  turns: fc.array(turn, { minLength: 1, maxLength: 4 }),
  /** Turns that are as in others. */
  common: fc.constantFrom(0, 0, 1, 1, 2, 3),
  /** Turns that are as in the conversation before it. */
  repeats: fc.constantFrom(0, 0, 0, 1, 2, 4),
  session: fc.constantFrom('none', 'some', 'all'),
  system: fc.constantFrom('none', 'same', 'clock', 'own'),
});
type Conversation = typeof conversation extends fc.Arbitrary<infer T> ? T : never;

export interface Tangled {
  records: Fields[];
  /** The conversation of each record. */
  conversationOf: number[];
}

/**
 * Conversations that are hard to tell apart: many begin alike, ask what others ask, and are written by several loggers;
 * system prompts change on the way, sessions are named for all, some or none of the records. All may share a `beginning`.
 */
export const tangled: fc.Arbitrary<Tangled> = fc
  .record({
    conversations: fc.array(conversation, { minLength: 8, maxLength: 20 }),
    everywhere: fc.constantFrom(null, null, 1, 2),
    sameSystem: fc.constantFrom(null, null, 'clock', 'own'),
    /** Whether there are single steps, each its own session. */
    areSingle: fc.boolean(),
  })
  .map(({ conversations, everywhere, sameSystem, areSingle }) => {
    const made: Tangled = { records: [], conversationOf: [] };
    let before: Said[] = [];
    for (const [number, chosen] of conversations.entries()) {
      const common = everywhere ?? chosen.common;
      const system = sameSystem ?? chosen.system;
      // Where many ask the same, that it tells the time shows only where a conversation goes on.
      const isSteady = system !== 'clock' || chosen.turns.length > 1;
      const whole = { ...chosen, common, system: isSteady ? system : 'same' };
      const turns = whole.turns.map((_, i) => before.slice(0, whole.repeats)[i] ?? saidIn(whole, number, i));
      before = turns;
      const records = recordsOf(whole, number, turns);
      made.records.push(...records);
      made.conversationOf.push(...records.map(() => number));
    }
    const singles = areSingle ? SINGLES : [];
    made.records.push(...singles);
    made.conversationOf.push(...singles.map((_, i) => conversations.length + i));
    return made;
  });

/** Too few of them ask the same for a system prompt to be part of it. */
const SAME_SINGLES = 3;
const SINGLES = Array.from({ length: 5 * SAME_SINGLES }, (_, i): Fields => ({
  workload_id: 'w',
  client_id: 'c',
  timestamp: 1_700_000_000 + i,
  session_id: `single ${i}`,
  request: { messages: [clock(10_000 + i), said('user', `single ${Math.max(i, SAME_SINGLES - 1)}`)] },
  response: { choices: [{ message: said('assistant', `answer ${i}`) }] },
}));

interface Said {
  ask: string;
  call: string | null;
  answer: string;
}

function saidIn({ turns, common }: Conversation, number: number, i: number): Said {
  const own = { ask: `ask ${number}.${i}`, call: turns[i]?.call ?? null, answer: `answer ${number}.${i}` };
  return (i < common ? COMMON[i] : undefined) ?? own;
}

type Form = Conversation['turns'][number]['forms'][number];

function recordsOf(
  { turns, session, system }: Conversation,
  number: number,
  allSaid: readonly Said[],
): Fields[] {
  const records: Fields[] = [];
  const history: Written[] = [];
  const log = (answer: Written, forms: readonly Form[]) => {
    for (const form of forms) {
      const named = session === 'all' || (session === 'some' && form.isInSession);
      records.push({
        workload_id: 'w',
        client_id: 'c',
        timestamp: 1_700_000_000 + form.at,
        ...(named && { session_id: `session ${number}` }),
        request: {
          messages: [...systemOf(system, number, records.length), ...history.map((write) => write(form))],
          tools: TOOL_LISTS[form.tools],
        },
        response: { choices: [{ message: answer(form) }] },
      });
    }
    history.push(answer);
  };
  for (const [i, { forms }] of turns.entries()) {
    const { ask, call = null, answer } = allSaid[i] ?? { ask: '', answer: '' };
    history.push(saying('user', ask));
    if (call !== null) {
      log(calling(call, { id: ask }), forms);
      history.push(saying('tool', `found ${ask}`));
    }
    log(saying('assistant', answer), forms);
  }
  return records;
}

type Written = (form: Form) => Fields;

const FOREIGN: Record<string, string> = { user: 'human', assistant: 'ai' };

const saying =
  (role: string, text: string): Written =>
  ({ isInParts, isForeign }) =>
    said(
      isForeign ? (FOREIGN[role] ?? role) : role,
      isInParts ? [text.slice(0, 2), text.slice(2)].map((part) => ({ type: 'text', text: part })) : text,
    );

const calling =
  (name: string, args: Fields): Written =>
  ({ nothing, isForeign }) => ({
    ...called(name, isForeign ? JSON.stringify(args) : args),
    content: nothing,
  });

function systemOf(system: string, number: number, step: number): Fields[] {
  if (system === 'none') return [];
  if (system === 'clock') return [clock(100 * number + step)];
  return [said('system', system === 'own' ? `You serve shop ${number}.` : 'Be kind.')];
}
