/** A tool call as all sets understand it: `arguments` is an object, or the text that is none. */
export interface ToolCall {
  id: string | null;
  name: string;
  arguments: unknown;
}

/** A tool that a request offers; description and parameters are kept as they are logged. */
export interface Tool {
  type: 'function';
  function: { name: string; [more: string]: unknown };
}

/** A message without what providers add to it. */
export interface Message {
  role: string;
  /** Text, a list of parts, or null. */
  content: unknown;
  toolCalls: ToolCall[];
  toolCallId: string | null;
  name: string | null;
}

/** A log record that can be learned from: what the model saw and what it answered. */
export interface CanonicalRecord {
  timestampMs: number;
  messages: Message[];
  /** null: none were offered. */
  tools: Tool[] | null;
  /** As logged; undefined when it was not. */
  toolChoice: unknown;
  answer: Message;
  /** Conversation as the application names it; null when it does not. */
  session: string | null;
}

/** Why a record was left out; each has one reason. */
export type RejectionReason =
  | 'not-json'
  | 'not-an-object'
  | 'too-deep'
  | 'broken-name'
  | 'no-timestamp'
  | 'failed-call'
  | 'no-request'
  | 'no-messages'
  | 'broken-message'
  | 'broken-tools'
  | 'no-response'
  | 'no-choices'
  | 'no-answer'
  | 'truncated-answer'
  | 'filtered-answer'
  | 'empty-answer'
  | 'lost-tool-calls'
  | 'broken-tool-call'
  | 'broken-arguments'
  | 'long-number'
  | 'tool-not-offered'
  | 'too-many-tool-properties'
  | 'tool-call-in-generic-workload';

export const REJECTIONS: Record<RejectionReason, string> = {
  'not-json': 'the text of the record is not valid JSON',
  'not-an-object': 'the record is not a JSON object',
  'too-deep': 'lists and objects are nested more than 100 levels deep',
  'broken-name': 'workload_id or client_id is not a text',
  'no-timestamp': 'timestamp is neither epoch seconds, epoch milliseconds nor an ISO time',
  'failed-call': 'error_details says that the call failed',
  'no-request': 'request is missing or not an object',
  'no-messages': 'request.messages is missing, not a list, or empty',
  'broken-message': 'a message is not an object, or its role is no text',
  'broken-tools': 'request.tools is neither null nor a list of functions with names',
  'no-response': 'response is missing or not an object',
  'no-choices': 'response.choices is missing, not a list, or empty',
  'no-answer': 'no choice holds a message',
  'truncated-answer': 'finish_reason says that the answer was cut off for its length',
  'filtered-answer': 'finish_reason says that a filter stopped the answer',
  'empty-answer': 'the answer has neither text nor a tool call',
  'lost-tool-calls':
    'finish_reason or a part of the answer says that it was a tool call, but the logger kept none',
  'broken-tool-call': 'a tool call is not a function with a name',
  'broken-arguments': 'the arguments of a tool call are not a JSON object',
  'long-number': 'the arguments of a tool call have a whole number of more digits than can be kept',
  'tool-not-offered': 'the answer calls a tool that the request does not offer',
  'too-many-tool-properties': 'a tool has more parameters than max_tool_properties',
  'tool-call-in-generic-workload': 'the workload type is set to generic, and the answer is a tool call',
};

export type ReadRecord = { record: CanonicalRecord } | { rejected: RejectionReason };
