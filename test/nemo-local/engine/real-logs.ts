import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ChatMessage, ToolSchema } from '../../../src/nemo-local/engine/types.js';
import type { Conversation } from './scoring.js';

interface LoggedCall {
  session_id: string;
  request: { messages: ChatMessage[]; tools: ToolSchema[] };
  response: { choices: [{ message: ChatMessage }] };
}

/** Reads the conversations of a gzipped JSONL file of log records. */
export function readRealLogs(file: string): Conversation[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  const bySession = new Map<string, Conversation>();
  for (const line of lines) {
    const { session_id, request, response }: LoggedCall = JSON.parse(line);
    const conversation = bySession.get(session_id) ?? { rows: [] };
    bySession.set(session_id, conversation);
    conversation.rows.push({
      messages: [...request.messages, response.choices[0].message],
      tools: request.tools,
    });
  }
  return [...bySession.values()];
}
