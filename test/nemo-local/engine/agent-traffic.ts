import { seededRandom } from '../../../src/seeded-random.js';
import type { ChatMessage, ToolSchema } from '../../../src/nemo-local/engine/types.js';
import type { Conversation } from './scoring.js';

const id = (name: string): Record<string, unknown> => ({
  [name]: { type: 'string', description: `The ${name.replace('_', ' ')}.` },
});

/** The functions of a library's desk; their descriptions say little of the words that readers use. */
export const TOOLS: ToolSchema[] = [
  tool('find_member', 'Look up a person on file.', id('member_id')),
  tool('get_loan', 'Fetch one entry.', id('loan_id')),
  tool('renew_loan', 'Extend an entry.', { ...id('loan_id'), weeks: { type: 'integer' } }),
  tool('reserve_title', 'Put an item aside.', {
    ...id('member_id'),
    branch: { type: 'string', enum: ['north', 'old_town'] },
  }),
  tool('close_account', 'End a file.', id('member_id')),
];

interface Wish {
  words: string[];
  call: (state: State) => ChatMessage;
  done: string;
}

interface State {
  member: string;
  loan: string;
  weeks: number;
  branch: string;
}

const WISHES: Wish[] = [
  {
    words: [
      'I need more time with my book',
      'Could I keep the novel longer?',
      'The due date is too early for me',
    ],
    call: ({ loan, weeks }) => call('renew_loan', { loan_id: loan, weeks }),
    done: 'Your due date has moved, enjoy reading.',
  },
  {
    words: [
      'Please hold the new atlas for me',
      'I want to pick up the atlas',
      'Keep a copy at the desk for me',
    ],
    call: ({ member, branch }) => call('reserve_title', { member_id: member, branch }),
    done: 'A copy waits for you at the desk.',
  },
  {
    words: ['I am moving away and wish to leave', 'Delete my card', 'I no longer want to be with you'],
    call: ({ member }) => call('close_account', { member_id: member }),
    done: 'We are sorry to see you go, all is deleted.',
  },
];

/** Makes conversations of one member each: identify, look at the loan, do what was wished, say so. */
export function makeConversations(count: number, seed: number): Conversation[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => converse(random));
}

function converse(random: () => number): Conversation {
  const pick = <T>(items: readonly [T, ...T[]] | T[]): T | undefined =>
    items[Math.floor(random() * items.length)];
  const number = (from: number): number => from + Math.floor(random() * from * 9);
  const wish = pick(WISHES);
  if (!wish) return { rows: [] };
  const [weeks, branch] = [1 + Math.floor(random() * 4), pick(['north', 'old_town']) ?? 'north'];
  const state = { member: `M-${number(10_000)}`, loan: `L-${number(1000)}`, weeks, branch };
  const place = state.branch.replace('_', ' ');
  const messages: ChatMessage[] = [{ role: 'system', content: 'You serve at the desk of a library.' }];
  const card = pick([`My card says ${state.member}`, `Good day, my member id is ${state.member}`]) ?? '';
  const exchange: [ChatMessage, ChatMessage][] = [
    [user('Good day to you.'), says('Welcome. May I have your card, please?')],
    [user(card), call('find_member', { member_id: state.member })],
    [
      result({ member_id: state.member, loan_id: state.loan, since: 2019 }),
      call('get_loan', { loan_id: state.loan }),
    ],
    [result({ loan_id: state.loan, title: 'Atlas' }), says(`I found ${state.loan}. What is your wish?`)],
    [user(pick(wish.words) ?? ''), says('Gladly. For how long, and at which place?')],
    [user(`For ${state.weeks} weeks, at ${place}, thanks`), wish.call(state)],
    [result({ status: 'ok' }), says(wish.done)],
  ];
  const rows = exchange.map(([asked, answered]) => {
    messages.push(asked, answered);
    return { messages: [...messages], tools: TOOLS };
  });
  return { rows };
}

function tool(name: string, description: string, properties: Record<string, unknown>): ToolSchema {
  const parameters = { type: 'object', properties, required: Object.keys(properties) };
  return { type: 'function', function: { name, description, parameters } };
}

function call(name: string, given: Record<string, unknown>): ChatMessage {
  const id = `call_${name}`;
  return {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name, arguments: given } }],
  };
}

function user(content: string): ChatMessage {
  return { role: 'user', content };
}

function says(content: string): ChatMessage {
  return { role: 'assistant', content };
}

function result(content: Record<string, unknown>): ChatMessage {
  return { role: 'tool', content: JSON.stringify(content) };
}
