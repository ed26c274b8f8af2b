import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { LogRecord } from '../../src/stores/log-store.js';

/** Reads log records, one JSON object a line, plain or gzip. */
export function readLogs(file: string): LogRecord[] {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as LogRecord);
}

interface LoggedMessage {
  role: string;
  content: unknown;
}

/**
 * `count` records made from `logs`: each round over them is other traffic. Every message but the system's says which
 * round it is from, and so do session and time, so that no two records are duplicates and no conversation recurs.
 */
export function* copiesOf(logs: readonly LogRecord[], count: number): Generator<LogRecord> {
  for (let n = 0; n < count; n++) {
    const round = Math.floor(n / logs.length);
    const log = logs[n % logs.length];
    if (log) yield inRound(log, round);
  }
}

function inRound(log: LogRecord, round: number): LogRecord {
  const request = log.request as { messages: LoggedMessage[] };
  const messages = request.messages.map((message) =>
    message.role === 'system' || typeof message.content !== 'string'
      ? message
      : { ...message, content: `${message.content} [${round}]` },
  );
  return {
    ...log,
    timestamp: (Number(log.timestamp) + round) * 1000,
    session_id: `${String(log['session_id'])}-${round}`,
    request: { ...request, messages },
  };
}

const QUESTION = 'Where is my parcel? '.repeat(40);

/** `count` records of about 2 KB, in conversations of four. */
export function* shortRecords(count: number): Generator<LogRecord> {
  for (let n = 0; n < count; n++) {
    const turns = Array.from({ length: (n % 4) + 1 }, (_, turn) => [
      { role: 'user', content: `${QUESTION.slice(0, 220)} ${Math.floor(n / 4)}, turn ${turn}` },
      { role: 'assistant', content: `It is on its way, stop ${turn}. ${QUESTION.slice(0, 120)}` },
    ]).flat();
    yield {
      workload_id: 'airline_agent',
      client_id: 'airline-prod',
      timestamp: 1_700_000_000_000 + n,
      session_id: `session-${Math.floor(n / 4)}`,
      request: { model: 'm', messages: [{ role: 'system', content: QUESTION }, ...turns.slice(0, -1)] },
      response: { choices: [{ index: 0, finish_reason: 'stop', message: turns.at(-1) }] },
    };
  }
}
