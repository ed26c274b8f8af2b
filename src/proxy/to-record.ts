import { messageOf } from '../message-of.js';
import { withLongNumbers } from '../records/long-numbers.js';
import { assembleStream } from './assemble-stream.js';
import type { Exchange, SkipReason } from './exchange.js';
import { fieldsOf, listOf } from './fields.js';
import { unpackedText } from './unpack.js';

/** The text of a record in one line, or why there is none. */
export type RecordText = { json: string } | { skipped: SkipReason; why?: string };

/** Makes a log record of what passed. Request and answer stay the texts that they are, with every digit. */
export function toRecord(exchange: Exchange): RecordText {
  try {
    return read(exchange);
  } catch (error) {
    return { skipped: 'unreadable', why: messageOf(error) };
  }
}

function read(exchange: Exchange): RecordText {
  const { clientId, workloadId, sessionId, atMs, answer } = exchange;
  const isStream = /^text\/event-stream\b/i.test(answer.type.trim());
  if (!answer.isWhole && !isStream) return { skipped: 'cut' };
  const request = unpackedText(exchange.request);
  const asked = fieldsOf(JSON.parse(request));
  if (listOf(asked['messages']).length === 0) throw new Error('the request has no messages');
  const answered = isStream ? streamed(answer) : whole(unpackedText(answer));
  if ('skipped' in answered) return answered;
  const names = { timestamp: atMs, client_id: clientId, workload_id: workloadId };
  const session = sessionId === null ? {} : { session_id: sessionId };
  const head = JSON.stringify({ ...names, ...session }).slice(0, -1);
  return { json: `${head},"request":${inOneLine(request)},"response":${inOneLine(answered.json)}}` };
}

function whole(text: string): { json: string } {
  const { choices } = fieldsOf(JSON.parse(text));
  if (listOf(choices).length === 0) throw new Error('the answer has no choices');
  return { json: text };
}

/** A stream that was broken off may have said all that it had to say. */
function streamed(answer: Exchange['answer']): RecordText {
  let text: string;
  try {
    text = unpackedText(answer);
  } catch (error) {
    if (!answer.isWhole) return { skipped: 'cut' };
    throw error;
  }
  const { completion, end } = assembleStream(text);
  if (end !== 'whole') return { skipped: end === 'failed' ? 'failed' : 'cut' };
  return { json: withLongNumbers(completion) };
}

/** Within a JSON text only space can hold a line's end. */
const inOneLine = (json: string): string => json.trim().replace(/[\r\n]+/g, ' ');
