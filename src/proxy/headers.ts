import type { IncomingHttpHeaders } from 'node:http';

/** What a caller says to the proxy alone; it goes no further. */
export const CLIENT_HEADER = 'x-flywheel-client-id';
export const WORKLOAD_HEADER = 'x-flywheel-workload-id';
export const SESSION_HEADER = 'x-flywheel-session-id';

/** Of one connection only: RFC 9110, section 7.6.1. */
const OF_CONNECTION = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
]);
/** Read by the gateway, where it has keys. */
const KEY_HEADER = 'x-flywheel-key';
const OF_US = new Set([CLIENT_HEADER, WORKLOAD_HEADER, SESSION_HEADER, KEY_HEADER]);
/** The upstream has another name, and we have answered what is expected. */
const OF_REQUEST = new Set(['host', 'expect']);

/** Names and values, one after the other, as Node has them. */
type RawHeaders = readonly string[];

export const passedRequestHeaders = (raw: RawHeaders): string[] =>
  without(raw, (name) => OF_US.has(name) || OF_REQUEST.has(name));

export const passedAnswerHeaders = (raw: RawHeaders): string[] => without(raw, () => false);

function without(raw: RawHeaders, isOurs: (name: string) => boolean): string[] {
  const named = namedInConnection(raw);
  return pairsOf(raw)
    .filter(([name]) => !OF_CONNECTION.has(name) && !named.has(name) && !isOurs(name))
    .flatMap(([, ...pair]) => pair);
}

/** `Connection` names further headers that are of the connection. */
const namedInConnection = (raw: RawHeaders): Set<string> =>
  new Set(
    pairsOf(raw)
      .filter(([name]) => name === 'connection')
      .flatMap(([, , value]) => value.split(',').map((name) => name.trim().toLowerCase())),
  );

/** Each with its name in lower case before it. */
const pairsOf = (raw: RawHeaders): [string, string, string][] =>
  Array.from({ length: raw.length / 2 }, (_, i) => {
    const name = raw[i * 2] ?? '';
    return [name.toLowerCase(), name, raw[i * 2 + 1] ?? ''];
  });

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
