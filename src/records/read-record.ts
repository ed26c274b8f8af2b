import { callLinker } from './call-ids.js';
import { asFields, type Fields, readMessage, Rejected } from './canonical-message.js';
import type { CanonicalRecord, Message, ReadRecord, Tool, ToolCall } from './canonical-record.js';
import { textOf, textOfPart } from './compared-text.js';
import { saysCutOff, saysFiltered, saysToolCalls } from './finish-reason.js';
import { isDeeperThan, MAX_LEVELS } from './json.js';
import { memoised } from './memoised.js';
import { timestampMs } from './timestamp.js';

export interface ReadOptions {
  /** Arguments of the answer's tool calls must be JSON. */
  parseFunctionArguments: boolean;
  /** Records with a tool of more parameters are left out; null accepts all. */
  maxToolProperties: number | null;
  workloadType: 'auto' | 'tool-calling' | 'generic';
}

/**
 * Makes what reads a log record into its canonical form, or says why it cannot be used; it never throws, whatever it is
 * given. Values that records share (see `JsonReader`) are read once and shared in their canonical form too.
 */
export function recordReader(options: ReadOptions): (raw: unknown) => ReadRecord {
  const linkCalls = callLinker();
  const readOne = memoised((message: object) => readMessage(message, false));
  const readToolList = memoised((tools: unknown[]) => readTools(tools, options.maxToolProperties));
  const readFunctionList = memoised((functions: unknown[]) =>
    readTools(functions.map(asTool), options.maxToolProperties),
  );
  const areDeepTools = memoised((tools: Tool[]) => isDeeperThan(tools, MAX_LEVELS - 1));

  const isTooDeep = ({ messages, tools, toolChoice, answer }: CanonicalRecord): boolean =>
    messages.some(isDeepMessage) ||
    (tools !== null && areDeepTools(tools)) ||
    isDeeperThan(toolChoice, MAX_LEVELS - 1) ||
    isDeepMessage(answer);

  function read(raw: unknown): CanonicalRecord {
    const fields = asFields(raw);
    if (!fields) throw new Rejected('not-an-object');
    checkNames(fields);
    const at = timestampMs(fields['timestamp']);
    if (at === null) throw new Rejected('no-timestamp');
    if (saysFailed(fields['error_details'])) throw new Rejected('failed-call');
    const request = asFields(fields['request']);
    if (!request) throw new Rejected('no-request');
    const messages: unknown = request['messages'];
    if (!Array.isArray(messages) || messages.length === 0) throw new Rejected('no-messages');
    const record: CanonicalRecord = {
      timestampMs: at,
      messages: linkCalls(messages).map((message) => readOne(asFields(message) ?? NO_MESSAGE)),
      tools: readToolList(listOf(request['tools'])) ?? readFunctionList(listOf(request['functions'])),
      toolChoice: request['tool_choice'] ?? formerChoice(request['function_call']),
      answer: readAnswer(fields['response'], options),
      session: readSession(fields),
    };
    if (isTooDeep(record)) throw new Rejected('too-deep');
    checkCalls(record, options);
    return record;
  }

  return (raw) => {
    try {
      return { record: read(raw) };
    } catch (error) {
      if (error instanceof Rejected) return { rejected: error.reason };
      throw error;
    }
  };
}

/** One record by itself. */
export const readRecord = (raw: unknown, options: ReadOptions): ReadRecord => recordReader(options)(raw);

/** Only contents in parts and arguments are nested at all. */
const isDeepMessage = ({ content, toolCalls }: Message): boolean =>
  isDeeperThan(content, MAX_LEVELS - 3) ||
  toolCalls.some((call) => isDeeperThan(call.arguments, MAX_LEVELS - 5));

const NO_MESSAGE = {};
const NO_TOOLS: unknown[] = [];

function listOf(tools: unknown): unknown[] {
  if (!Array.isArray(tools ?? NO_TOOLS)) throw new Rejected('broken-tools');
  return Array.isArray(tools) ? tools : NO_TOOLS;
}

/** One of OpenAI's former `functions`. */
const asTool = (offered: unknown): unknown => ({ type: 'function', function: offered });

/** What `tool_choice` was called for former functions: `auto`, `none` or the one to be called. */
const formerChoice = (choice: unknown): unknown =>
  asFields(choice) ? asTool(choice) : (choice ?? undefined);

function checkCalls({ answer, tools }: CanonicalRecord, { workloadType }: ReadOptions): void {
  if (answer.toolCalls.length === 0) return;
  if (workloadType === 'generic') throw new Rejected('tool-call-in-generic-workload');
  const isOffered = ({ name }: ToolCall) => tools?.some((tool) => tool.function.name === name) ?? false;
  // Some loggers drop tools; nobody could answer such a request as production did.
  if (!answer.toolCalls.every(isOffered)) throw new Rejected('tool-not-offered');
}

/** A store that selects records by the text of a name may find others too: belonging to nobody, they are counted here. */
function checkNames({ workload_id: workloadId = null, client_id: clientId = null }: Fields): void {
  for (const name of [workloadId, clientId])
    if (name !== null && typeof name !== 'string') throw new Rejected('broken-name');
}

/** An error is told as an object, a list of them, or a text. */
const saysFailed = (details: unknown): boolean =>
  typeof details === 'string'
    ? details.trim() !== ''
    : Array.isArray(details)
      ? details.length > 0
      : asFields(details) !== null;

/** The first choice that holds a message is the answer. */
function readAnswer(value: unknown, { parseFunctionArguments }: ReadOptions): Message {
  const response = asFields(value);
  if (!response) throw new Rejected('no-response');
  const choices = response['choices'];
  if (!Array.isArray(choices) || choices.length === 0) throw new Rejected('no-choices');
  const choice = choices.map(asFields).find((candidate) => asFields(candidate?.['message']) !== null);
  const fields = asFields(choice?.['message']);
  if (!choice || !fields) throw new Rejected('no-answer');
  const reason = choice['finish_reason'];
  if (saysCutOff(reason)) throw new Rejected('truncated-answer');
  if (saysFiltered(reason)) throw new Rejected('filtered-answer');
  const answer = readMessage({ ...fields, role: 'assistant' }, parseFunctionArguments);
  if (answer.toolCalls.length > 0) return answer;
  if (saysToolCalls(reason) || hasCallPart(answer)) throw new Rejected('lost-tool-calls');
  if (textOf(answer) === '') throw new Rejected('empty-answer');
  return { ...answer, content: plainText(answer.content) };
}

/** An answer in parts of text is the same answer as their text. */
function plainText(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const texts = content.map(textOfPart);
  return texts.every((text) => text !== undefined) ? texts.join('') : content;
}

/** As Anthropic has calls, among the parts of the content. */
const hasCallPart = ({ content }: Message): boolean =>
  Array.isArray(content) && content.some((part) => saysToolCalls(asFields(part)?.['type']));

const readTools = (tools: readonly unknown[], maxProperties: number | null): Tool[] | null =>
  tools.length === 0 ? null : tools.map((tool) => readTool(tool, maxProperties));

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
