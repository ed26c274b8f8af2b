import { asFields, type Fields, hasText, readMessage, Rejected } from './canonical-message.js';
import type { CanonicalRecord, Message, ReadRecord, Tool } from './canonical-record.js';
import { isDeeperThan } from './json.js';
import { timestampMs } from './timestamp.js';

/** JSON text is parsed at any depth, but written back only so deep as the stack allows. */
const MAX_LEVELS = 100;

export interface ReadOptions {
  /** Arguments of the answer's tool calls must be JSON. */
  parseFunctionArguments: boolean;
  /** Records with a tool of more parameters are left out; null accepts all. */
  maxToolProperties: number | null;
  workloadType: 'auto' | 'tool-calling' | 'generic';
}

/** Reads a log record into its canonical form, or says why it cannot be used. Never throws, whatever it is given. */
export function readRecord(raw: unknown, options: ReadOptions): ReadRecord {
  try {
    return { record: read(raw, options) };
  } catch (error) {
    if (error instanceof Rejected) return { rejected: error.reason };
    throw error;
  }
}

function read(raw: unknown, options: ReadOptions): CanonicalRecord {
  const fields = asFields(raw);
  if (!fields) throw new Rejected('not-an-object');
  const at = timestampMs(fields['timestamp']);
  if (at === null) throw new Rejected('no-timestamp');
  const request = asFields(fields['request']);
  if (!request) throw new Rejected('no-request');
  const messages = request['messages'];
  if (!Array.isArray(messages) || messages.length === 0) throw new Rejected('no-messages');
  const record: CanonicalRecord = {
    timestampMs: at,
    messages: messages.map((message) => readMessage(message, false)),
    tools: readTools(request['tools'], options.maxToolProperties),
    toolChoice: request['tool_choice'] ?? undefined,
    answer: readAnswer(fields['response'], options),
    session: readSession(fields),
  };
  if (isDeeperThan(record, MAX_LEVELS)) throw new Rejected('too-deep');
  if (record.answer.toolCalls.length > 0) {
    if (options.workloadType === 'generic') throw new Rejected('tool-call-in-generic-workload');
    const offered = new Set(record.tools?.map((tool) => tool.function.name));
    // Some loggers drop tools; nobody could answer such a request as production did.
    if (!record.answer.toolCalls.every(({ name }) => offered.has(name)))
      throw new Rejected('tool-not-offered');
  }
  return record;
}

/** The first choice that holds a message is the answer. */
function readAnswer(value: unknown, { parseFunctionArguments }: ReadOptions): Message {
  const response = asFields(value);
  if (!response) throw new Rejected('no-response');
  const choices = response['choices'];
  if (!Array.isArray(choices) || choices.length === 0) throw new Rejected('no-choices');
  const choice = choices.map(asFields).find((candidate) => asFields(candidate?.['message']) !== null);
  const fields = asFields(choice?.['message']);
  if (!choice || !fields) throw new Rejected('no-answer');
  const answer = readMessage({ ...fields, role: 'assistant' }, parseFunctionArguments);
  if (answer.toolCalls.length > 0) return answer;
  if (choice['finish_reason'] === 'tool_calls') throw new Rejected('lost-tool-calls');
  if (!hasText(answer)) throw new Rejected('empty-answer');
  return { ...answer, content: plainText(answer.content) };
}

/** An answer in parts of text is the same answer as their text. */
function plainText(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const texts = content.map((part) => asFields(part)?.['text']);
  return texts.every((text) => typeof text === 'string') ? texts.join('') : content;
}

function readTools(value: unknown, maxProperties: number | null): Tool[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw new Rejected('broken-tools');
  return value.length === 0 ? null : value.map((tool) => readTool(tool, maxProperties));
}

function readTool(value: unknown, maxProperties: number | null): Tool {
  const fields = asFields(value);
  const offered = asFields(fields?.['function']);
  const name = offered?.['name'];
  if (typeof name !== 'string' || name === '' || (fields?.['type'] ?? 'function') !== 'function')
    throw new Rejected('broken-tools');
  const properties = asFields(asFields(offered?.['parameters'])?.['properties']) ?? {};
  if (maxProperties !== null && Object.keys(properties).length > maxProperties)
    throw new Rejected('too-many-tool-properties');
  return { type: 'function', function: { ...offered, name } };
}

const SESSION_KEYS = ['session_id', 'conversation_id', 'thread_id'];

/** The application's own name of the conversation: at the top of the record, or in a `metadata`. */
function readSession(fields: Fields): string | null {
  const places = [fields, asFields(fields['metadata']), asFields(asFields(fields['request'])?.['metadata'])];
  for (const place of places)
    for (const key of SESSION_KEYS) {
      const value = place?.[key];
      if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
    }
  return null;
}
