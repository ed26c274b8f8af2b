import fc from 'fast-check';
import { called, said } from '../support/log-records.js';

const TOOLS = ['look_up', 'cancel', 'refund'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { id: { type: 'string' } } } },
}));

const word = fc.constantFrom('yes', 'no', 'Where is it?', 'née', '你好', '1');

/** One turn: what the user says, the call that the agent may make, what the tool says, and what the agent answers. */
const turn = fc.record({
  ask: word,
  call: fc.option(
    fc.record({ tool: fc.constantFrom('look_up', 'cancel', 'refund'), id: word, result: word }),
  ),
  answer: word,
  at: fc.integer({ min: 0, max: 5 }),
  /** Times that each of its records is logged again, and whether with another answer. */
  copies: fc.constantFrom(0, 0, 0, 1, 2),
  contradicted: fc.boolean(),
});

const conversation = fc.record({
  turns: fc.array(turn, { minLength: 1, maxLength: 4 }),
  hasSession: fc.boolean(),
  /** As another logger writes it: other roles, arguments as text. */
  foreign: fc.boolean(),
});

export interface Traffic {
  records: Record<string, unknown>[];
  conversations: number;
}

/**
 * Log records of an agent, conversation by conversation: each step's request holds all that was said before. The first
 * user turn names the conversation, as `MARK` finds it. Many have the same time, some are logged several times.
 */
export const traffic: fc.Arbitrary<Traffic> = fc
  .array(conversation, { minLength: 12, maxLength: 30 })
  .map((conversations) => ({
    records: conversations.flatMap(recordsOf),
    conversations: conversations.length,
  }));

export const MARK = /^conversation \d+:/;

type Conversation = typeof conversation extends fc.Arbitrary<infer T> ? T : never;

function recordsOf({ turns, hasSession, foreign }: Conversation, number: number): Record<string, unknown>[] {
  const records: Record<string, unknown>[] = [];
  const history: Record<string, unknown>[] = [said('system', 'Be kind.')];
  const log = (
    answer: Record<string, unknown>,
    { at, copies, contradicted }: Conversation['turns'][number],
  ) => {
    for (let copy = 0; copy <= copies; copy++)
      records.push({
        workload_id: 'w',
        client_id: 'c',
        timestamp: 1_700_000_000 + at,
        ...(hasSession && { session_id: `session ${number}` }),
        request: { messages: [...history], tools: TOOLS, temperature: copy },
        response: {
          // Differs from call to call, and says nothing.
          id: `${number}-${records.length}`,
          choices: [{ message: copy > 0 && contradicted ? said('assistant', `or ${copy}`) : answer }],
        },
      });
    history.push(answer);
  };
  for (const [i, step] of turns.entries()) {
    const text = i === 0 ? `conversation ${number}: ${step.ask}` : step.ask;
    history.push(said(foreign ? 'human' : 'user', text));
    if (step.call) {
      const args = { id: step.call.id };
      log(called(step.call.tool, foreign ? JSON.stringify(args) : args), step);
      history.push({ ...said('tool', step.call.result), tool_call_id: 'call_1' });
    }
    log(said(foreign ? 'ai' : 'assistant', step.answer), step);
  }
  return records;
}
