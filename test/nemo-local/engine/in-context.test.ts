import { expect, test } from 'vitest';
import { readExamples } from '../../../src/nemo-local/engine/in-context.js';
import { makeConversations } from './agent-traffic.js';
import { render } from './scoring.js';

const PROMPT = `You serve at a desk.

Some conversations and how they were answered.

For example, if the conversation is:
user: My id is M-1,
or so I think
assistant:
tool_calls: [{"name": "find_member", "arguments": {"member_id": "M-1"}}]
tool: {"name": "Ada"}

The assistant answered:
assistant: Welcome, Ada.

For example, if the conversation is:

user: Renew it

The assistant answered:
assistant: null
Tool calls:
[
  {
    "name": "renew_loan",
    "arguments": {"loan_id": "L-1"}
  }
]
`;

test('an example loses a message, a call or its answer', () => {
  const { text, examples } = readExamples(PROMPT);

  expect(text).toContain('how they were answered');
  expect(examples).toEqual([
    {
      turns: [
        { role: 'user', text: 'My id is M-1,\nor so I think', calls: [] },
        { role: 'assistant', text: '', calls: [{ name: 'find_member', arguments: { member_id: 'M-1' } }] },
        { role: 'tool', text: '{"name": "Ada"}', calls: [], tool: 'find_member' },
      ],
      answer: { role: 'assistant', text: 'Welcome, Ada.', calls: [] },
    },
    {
      turns: [{ role: 'user', text: 'Renew it', calls: [] }],
      answer: { role: 'assistant', text: '', calls: [{ name: 'renew_loan', arguments: { loan_id: 'L-1' } }] },
    },
  ]);
});

test('a system message that says "For example" in its own right is taken for an example', () => {
  const policy = 'Be brief.\n\nFor example, say yes and nothing more.';

  expect(readExamples(policy)).toEqual({ text: policy, examples: [] });
});

test('a long conversation does not survive being written as an example', () => {
  const row = makeConversations(1, 1)[0]?.rows.at(-1);
  if (!row) throw new Error('The simulator made no conversation.');
  const { examples } = readExamples(`Policy.\n\n${render(row)}`);

  expect(examples).toHaveLength(1);
  expect(examples[0]?.turns).toHaveLength(row.messages.length - 2);
  expect(examples[0]?.turns.flatMap(({ calls }) => calls).map(({ name }) => name)).toHaveLength(3);
});
