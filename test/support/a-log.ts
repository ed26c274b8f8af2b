import { Writable } from 'node:stream';
import { createLogger } from '../../src/logger.js';

/** A logger whose lines can be read. */
export function aLog() {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { logger: createLogger('debug', sink), lines: () => lines.map((line) => JSON.parse(line)) };
}
