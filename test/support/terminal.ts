import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';

/** A terminal without colours that keeps all that was ever drawn on it, frame after frame. */
export function aTerminal(columns = 100): { stream: WriteStream; screen: () => string } {
  let drawn = '';
  const stream = new PassThrough().on('data', (chunk: Buffer) => (drawn += chunk.toString()));
  const terminal = Object.assign(stream, { columns, rows: 50, isTTY: true, hasColors: () => false });
  // What progress asks of a terminal; the rest of the interface moves cursors.
  return {
    stream: terminal as unknown as WriteStream,
    screen: () => stripVTControlCharacters(drawn),
  };
}
