import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Format, Reading } from '../../../src/importer/format.js';
import { columns, FORMATS } from '../../../src/importer/formats/index.js';
import { isFields } from '../../../src/importer/values.js';
import { NAMES } from './conversation.js';

/** Words that the formats look for, so that what is arbitrary comes near to what is real. */
const WORDS =
  `request response messages tools functions role content type data lc id kwargs args name arguments
  function tool_calls function_call additional_kwargs choices message finish_reason generations text run_type llm inputs
  outputs extra metadata invocation_params observations trace traceId GENERATION input output startTime metadata level
  resourceSpans scopeSpans spans resourceLogs scopeLogs logRecords attributes key value stringValue intValue arrayValue
  kvlistValue values events body status code eventName spanId startTimeUnixNano gen_ai.prompt.0.role gen_ai.choice
  gen_ai.completion.0.tool_calls.0.name gen_ai.input.messages gen_ai.output.messages gen_ai.tool.definitions parts
  gen_ai.user.message gen_ai.content.prompt tool_call tool_call_response tool_use tool_result contract_version usage
  token_usage error_details user assistant tool system ai human weight session_id 0 __proto__ constructor toString`.split(
    /\s+/,
  );

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.constantFrom(...WORDS), fc.string(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...WORDS), tie('json'), { maxKeys: 6 }),
    tie('json').map((value) => JSON.stringify(value)),
  ),
}));

const isReading = (reading: Reading): boolean =>
  'skipped' in reading ||
  ('record' in reading && isFields(reading.record)) ||
  ('rejected' in reading && reading.rejected !== '') ||
  ('unnamed' in reading && reading.unnamed.length > 0);

const table = columns({
  messages: 'messages',
  answer: 'output',
  request: 'request',
  response: 'response',
  tools: 'tools',
});

const anything = fc.dictionary(fc.constantFrom(...WORDS), json, { maxKeys: 8 });

type Shape = fc.Arbitrary<unknown>;

/** A value that has what a format asks for first, so that the rest is reached. */
const within = (shape: Record<string, Shape>): Shape =>
  fc.tuple(anything, fc.record(shape, { requiredKeys: [] })).map(([more, known]) => ({ ...more, ...known }));

const list = (item: Shape): Shape => fc.array(item, { maxLength: 2 });

const message = within({
  role: fc.constantFrom('user', 'assistant', 'tool'),
  tool_calls: list(within({ function: anything, args: json, name: fc.string() })),
  content: json,
});
const messages = list(fc.oneof(message, within({ lc: fc.constant(1), kwargs: message })));
const chat = within({ messages, tools: list(anything), choices: list(within({ message })) });
const attribute = fc.record({ key: fc.constantFrom(...WORDS), value: within({ stringValue: fc.string() }) });
const entry = within({ attributes: list(attribute), events: list(anything), body: within({}) });
const scope = within({ spans: list(entry), logRecords: list(entry) });
const resource = list(within({ scopeSpans: list(scope), scopeLogs: list(scope) }));

const NEAR: Record<string, Shape> = {
  otel: within({ resourceSpans: resource, resourceLogs: resource }),
  langsmith: within({ run_type: fc.constant('llm'), inputs: chat, outputs: chat, extra: anything }),
  langfuse: within({ type: fc.constant('GENERATION'), input: fc.oneof(chat, messages), output: message }),
  'openai-fine-tuning': chat,
};

const RUNS = 2_000;

const requestAndResponse = within({ request: chat, response: chat });

test.each([...FORMATS, table].map((format): [string, Format] => [format.name, format]))(
  'some JSON makes %s throw, or is neither a record nor told',
  (_, format) => {
    let told = 0;
    const item = NEAR[format.name] ?? requestAndResponse;
    fc.assert(
      fc.property(item, (value) => {
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        if (!isFields(parsed)) return;
        expect(typeof format.recognises(parsed)).toBe('boolean');
        const readings = format.read(parsed, { names: NAMES, fallbackMs: 0 });
        if (readings.length > 0) told++;
        expect(readings.filter((reading) => !isReading(reading))).toEqual([]);
      }),
      { numRuns: RUNS },
    );
    // The others are documents that hold no call.
    expect(told).toBeGreaterThan(RUNS / 10);
  },
);
