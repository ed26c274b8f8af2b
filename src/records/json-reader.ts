import { randomUUID } from 'node:crypto';
import { asFields } from './canonical-message.js';
import { type Found, KnownParts } from './known-parts.js';

/** Stand in the JSON for what is left out. Nobody can have logged them. */
const TOOLS = `tools ${randomUUID()}`;
const OPENING = `opening ${randomUUID()}`;

/**
 * Parses records that repeat themselves: an agent's requests offer the same tools and begin with the same system
 * message, which make most of their bytes. What was seen before is found in the bytes, left out of what is parsed, and
 * put in again: the same object in all records, so that whoever works on it can remember the result.
 */
export class JsonReader {
  private readonly tools = new KnownParts('tools', /^"tools"\s*:\s*(?=\[)/);
  private readonly openings = new KnownParts('messages', /^"messages"\s*:\s*\[\s*(?=\{)/);

  /** The value of the JSON text of one record. Do not change what is in it. */
  read(bytes: Buffer): unknown {
    const tools = this.tools.find(bytes);
    const opening = this.openings.find(bytes);
    if (tools === null && opening === null) return this.readAndLearn(bytes);
    const value: unknown = JSON.parse(withStandIns(bytes, tools, opening));
    const request = requestOf(value);
    const messages = request?.['messages'];
    // They may lie elsewhere, deeper in the record: then nothing may be left out.
    if (tools !== null && request?.['tools'] !== TOOLS) return JSON.parse(bytes.toString());
    if (opening !== null && !(Array.isArray(messages) && messages[0] === OPENING))
      return JSON.parse(bytes.toString());
    if (request && tools) request['tools'] = tools.value;
    else this.tools.learn(bytes, request?.['tools']);
    if (Array.isArray(messages) && opening) messages[0] = opening.value;
    else this.openings.learn(bytes, firstOf(messages));
    return value;
  }

  private readAndLearn(bytes: Buffer): unknown {
    const value: unknown = JSON.parse(bytes.toString());
    const request = requestOf(value);
    this.tools.learn(bytes, request?.['tools']);
    this.openings.learn(bytes, firstOf(request?.['messages']));
    return value;
  }
}

const requestOf = (record: unknown) => asFields(asFields(record)?.['request']);

const firstOf = (messages: unknown): unknown =>
  Array.isArray(messages) ? (messages as unknown[])[0] : undefined;

function withStandIns(bytes: Buffer, tools: Found | null, opening: Found | null): string {
  const cuts = [
    { found: tools, text: `"${TOOLS}"` },
    { found: opening, text: `"${OPENING}"` },
  ].sort((a, b) => (a.found?.start ?? 0) - (b.found?.start ?? 0));
  let text = '';
  let end = 0;
  for (const { found, text: standIn } of cuts) {
    if (!found) continue;
    text += bytes.toString('utf8', end, found.start) + standIn;
    end = found.end;
  }
  return text + bytes.toString('utf8', end);
}
