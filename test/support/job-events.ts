import { expect } from 'vitest';

export interface SeenEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

/** Reads events as a browser does, once the gateway has begun to answer; leaves when they are returned. */
export async function eventsOf(
  { url }: { url: string },
  id: string,
  lastId?: string,
): Promise<AsyncGenerator<SeenEvent>> {
  const leaving = new AbortController();
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
  const answer = await fetch(`${url}/api/jobs/${id}/events`, { headers, signal: leaving.signal });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ]);
  return eventsIn(answer, leaving);
}

/** Holds the answer: fetch ends the stream of one that nobody holds. */
async function* eventsIn(answer: Response, leaving: AbortController): AsyncGenerator<SeenEvent> {
  try {
    let text = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + chunk).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
        if (fields['data'] !== undefined) yield { ...fields, data: JSON.parse(fields['data']) };
      }
    }
  } finally {
    leaving.abort();
  }
}

/** All of them, until the answer ends. */
export async function allOf(events: AsyncGenerator<SeenEvent>): Promise<SeenEvent[]> {
  const found: SeenEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}
