/** One event of a stream. */
export interface ServerSentEvent {
  /** `message` unless the stream says otherwise. */
  type: string;
  data: string;
}

/**
 * The events of a whole stream; comments and other fields are left out, and so is an event that was cut.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function* serverSentEvents(stream: string): Generator<ServerSentEvent> {
  let type = '';
  let data: string[] = [];
  for (const line of stream.replace(/^\ufeff/, '').split(/\r\n|\r|\n/)) {
    if (line === '') {
      if (data.length > 0) yield { type: type || 'message', data: data.join('\n') };
      type = '';
      data = [];
      continue;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'data') data.push(value);
    if (field === 'event') type = value;
  }
}
