import { expect, test } from 'vitest';
import { renderRequest, renderText } from '../../src/nemo-local/template.js';

const item = { request: { messages: [{ role: 'user', content: 'a "b" {{ c }} é\n' }], tool_choice: 'auto' } };

test('a whole member that renders to JSON becomes that JSON, unharmed', () => {
  expect(
    renderRequest(
      {
        messages: '{{ item.request.messages | tojson }}',
        tools: '{{ item.request.tools | tojson }}',
        tool_choice: '{{ item.request.tool_choice | tojson }}',
        max_tokens: 5,
      },
      { item },
    ),
  ).toEqual({ messages: item.request.messages, tool_choice: 'auto', max_tokens: 5 });
});

test('text inside messages stays text, even when it looks like JSON', () => {
  const sample = { output_text: '7', response: { choices: [] } };
  expect(
    renderRequest(
      { messages: [{ role: 'user', content: '{{ sample.output_text | trim }}' }] },
      { item, sample },
    ),
  ).toEqual({ messages: [{ role: 'user', content: '7' }] });
  expect(renderText('{{item.request.messages[0].role}}: {{item.request.messages}}', { item })).toContain(
    'user: [{"role": "user"',
  );
});
