import type { Fields } from '../../values.js';
import { type CallEvent, logEvent, spanEvents } from './events.js';
import { entriesOf, type Entry } from './otlp.js';

/** A span, or log records of one span that is elsewhere, with the events that tell of it. */
export interface LoggedCall extends Entry {
  events: CallEvent[];
}

/** Puts the spans of an OTLP document together with its log records of the same spans. */
export function callsOf(document: Fields): LoggedCall[] {
  const calls = new Map<string, LoggedCall>();
  const spans = entriesOf(document, 'Spans').map((span) => ({ ...span, events: spanEvents(span.fields) }));
  for (const span of spans) calls.set(keyOf(span), span);
  for (const entry of entriesOf(document, 'Logs')) {
    const event = logEvent(entry);
    if (event) addEvent(calls, entry, event);
  }
  return [...calls.values()];
}

function addEvent(calls: Map<string, LoggedCall>, entry: Entry, event: CallEvent): void {
  const call = calls.get(keyOf(entry)) ?? { ...entry, events: [] };
  const isWhole = event.name === 'gen_ai.client.inference.operation.details';
  const attributes = isWhole ? { ...call.attributes, ...entry.attributes } : call.attributes;
  calls.set(keyOf(entry), { ...call, attributes, events: [...call.events, event] });
}

/** What names no span stands for itself. */
const keyOf = ({ fields }: Entry): string =>
  JSON.stringify(fields['spanId'] ? [fields['traceId'], fields['spanId']] : fields);
