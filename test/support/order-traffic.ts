/** A tiny workload whose right answer follows from one word: enough to see whether a model has learned anything. */

const tool = (name: string, description: string) => ({
  type: 'function',
  function: {
    name,
    description,
    parameters: { type: 'object', properties: { order_id: { type: 'string' } }, required: ['order_id'] },
  },
});

// The names say nothing about the words that customers use: what belongs to what has to be learned.
const TOOLS = [tool('op_seven', 'first'), tool('op_eight', 'second'), tool('op_nine', 'third')];
const WORDS: Record<string, string> = { parcel: 'op_seven', refund: 'op_eight', address: 'op_nine' };

const situations = (count: number, offset: number) =>
  Array.from({ length: count }, (_, index) => {
    const [word = '', name = ''] = Object.entries(WORDS)[index % 3] ?? [];
    const order = `#W${1000 + offset + index}`;
    return {
      text: `Hello, a question about the ${word} of my order ${order} please`,
      name,
      args: { order_id: order },
    };
  });

/** Rows of a training file; `named` replaces the function that is the right answer. */
export const trainingRows = (count: number, named = (name: string, _index: number) => name) =>
  situations(count, 0).map(({ text, name, args }, index) => ({
    messages: [
      { role: 'user', content: text },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: named(name, index), arguments: args } }],
      },
    ],
    tools: TOOLS,
  }));

/** Rows of an evaluation file: the request, and the logged response, with arguments as values. */
export const evaluationRows = (count: number, toolChoice = 'auto') =>
  situations(count, 5000).map(({ text, name, args }, index) => ({
    flywheel_id: `row-${index}`,
    request: { messages: [{ role: 'user', content: text }], tools: TOOLS, tool_choice: toolChoice },
    response: {
      choices: [
        {
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: args } }],
          },
        },
      ],
    },
  }));

/** An evaluation task over such rows, scored by their tool calls. */
export const toolCallTask = (dataset: string) => ({
  type: 'chat-completion',
  dataset: { files_url: `hf://datasets/test/${dataset}/eval_data.jsonl` },
  params: {
    template: {
      messages: '{{ item.request.messages | tojson }}',
      tools: '{{ item.request.tools | tojson }}',
      tool_choice: '{{ item.request.tool_choice | tojson }}',
    },
  },
  metrics: {
    'tool-calling-accuracy': {
      type: 'tool-calling',
      params: { tool_calls_ground_truth: '{{ item.response.choices[0].message.tool_calls | tojson }}' },
    },
  },
});
