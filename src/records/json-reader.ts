import { randomUUID } from 'node:crypto';
import { asFields } from './canonical-message.js';
import { type Found, KnownTools } from './known-tools.js';
import { type MessageList, MessageLists } from './message-lists.js';
import { parseRecord } from './parse-record.js';

/** Stand in the JSON for what is left out. Nobody can have logged them. */
const TOOLS = `tools ${randomUUID()}`;
const MESSAGES = `messages ${randomUUID()}`;

/**
 * Parses records that repeat each other: an agent's requests offer the same tools and begin with the messages of the
 * request before, which are most of their bytes. These are found in the bytes, left out of what is parsed, and put in
 * again: the same objects in all records, so that whoever works on them can remember the result.
 */
export class JsonReader {
  private readonly tools = new KnownTools();
  private readonly messages = new MessageLists();

  /** The value of the JSON text of one record. Do not change what is in it. Throws a SyntaxError for what is no JSON. */
  read(bytes: Buffer): unknown {
    const messages = this.messages.read(bytes);
    const tools = this.tools.find(bytes, messages?.end ?? 0);
    const value = parseRecord(withStandIns(bytes, tools, messages));
    const request = asFields(asFields(value)?.['request']);
    // They may lie elsewhere, deeper in the record: then nothing may be left out.
    if (tools !== null && request?.['tools'] !== TOOLS) return parseRecord(bytes.toString());
    if (messages !== null && !isStandIn(request?.['messages'])) return parseRecord(bytes.toString());
    if (request && messages) request['messages'] = messages.items;
    if (request && tools) request['tools'] = tools.value;
    else this.tools.learn(bytes, request?.['tools']);
    return value;
  }
}

const isStandIn = (messages: unknown): boolean =>
  Array.isArray(messages) && messages.length === 1 && messages[0] === MESSAGES;

function withStandIns(bytes: Buffer, tools: Found | null, messages: MessageList | null): string {
  const cuts = [
    { found: tools, standIn: `"${TOOLS}"` },
    { found: messages, standIn: `"${MESSAGES}"` },
  ].sort((a, b) => (a.found?.start ?? 0) - (b.found?.start ?? 0));
  let text = '';
  let end = 0;
  for (const { found, standIn } of cuts) {
    // One within the other: the outer one stands in for both, and is not where it should be.
    if (!found || found.start < end) continue;
    text += bytes.toString('utf8', end, found.start) + standIn;
    end = found.end;
  }
  return text + bytes.toString('utf8', end);
}
