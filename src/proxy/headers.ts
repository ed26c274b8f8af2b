import type { IncomingHttpHeaders } from 'node:http';

/** What a caller says to the proxy alone; it goes no further. */
export const CLIENT_HEADER = 'x-flywheel-client-id';
export const WORKLOAD_HEADER = 'x-flywheel-workload-id';
export const SESSION_HEADER = 'x-flywheel-session-id';

/** Of one connection only: RFC 9110, section 7.6.1. */
const OF_CONNECTION = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'trailer', 'upgrade'],
]);
/**
 * They say where a body ends, so they pass even where `Connection` names them: else the upstream would take the body for its
 * next request.
 */
const LENGTHS = ['content-length', 'transfer-encoding'];
/** Read by the gateway, where it has keys. */
const KEY_HEADER = 'x-flywheel-key';
const OF_US = new Set([CLIENT_HEADER, WORKLOAD_HEADER, SESSION_HEADER, KEY_HEADER]);
/** The upstream has another name, and we have answered what is expected. */
const OF_REQUEST = new Set(['host', 'expect']);

/** Names and values, one after the other, as Node has them. */
type RawHeaders = readonly string[];

export const passedRequestHeaders = (raw: RawHeaders): string[] =>
  without(raw, (name) => OF_US.has(name) || OF_REQUEST.has(name));

/** Node divides an answer into chunks as the caller understands it. */
export const passedAnswerHeaders = (raw: RawHeaders): string[] =>
  without(raw, (name) => name === 'transfer-encoding');

/** Each request and each answer comes through here: one pass, and nothing made but what is returned. */
function without(raw: RawHeaders, isOurs: (name: string) => boolean): string[] {
  const named = namedInConnection(raw);
  const passed: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]];
    const lower = name.toLowerCase();
    if (!OF_CONNECTION.has(lower) && !named?.has(lower) && !isOurs(lower)) passed.push(name, value);
  }
  return passed;
}

/** `Connection` names further headers that are of the connection; most only `keep-alive` or `close`. */
function namedInConnection(raw: RawHeaders): Set<string> | null {
  let named: Set<string> | null = null;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'connection') continue;
    named ??= new Set();
    for (const name of (raw[at + 1] ?? '').split(',')) named.add(name.trim().toLowerCase());
    for (const name of LENGTHS) named.delete(name);
  }
  return named;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** A header's text; null where it is not sent, or empty. Its bytes are UTF-8 where they can be, else Latin-1. */
export function textOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  return (text && decoded(text).trim()) || null;
}

/** Node reads every byte as Latin-1. */
function decoded(text: string): string {
  try {
    return UTF8.decode(Buffer.from(text, 'latin1'));
  } catch {
    return text;
  }
}
