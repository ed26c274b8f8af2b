import type { CanonicalRecord, Message, Tool } from './canonical-record.js';
import type { Place, Stretch } from './digests.js';
import { LineBuffer } from './line-buffer.js';
import { memoised } from './memoised.js';
import { END_OF_LINE, jsonInLine, openingJson, restOf } from './spooled.js';

const TAIL_BYTES = 1_000_000;

/**
 * Lays the records of pages down for one spool file. What lines have in common lies there once: openings, and the
 * messages of requests that go on where the one before ended. Therefore answers come at the end of a page.
 */
export class SpoolLines {
  private readonly file: number;
  /** Where openings lie, by their tools and their message. */
  private readonly openingsOf = memoised((_: Tool[]) => new WeakMap<Message, Stretch>());
  private history = new History();
  private readonly tails = new LineBuffer(TAIL_BYTES);
  /** Where in the file the page begins. */
  private begin = 0;

  /** `file` is the number of the spool file. */
  constructor(file: number) {
    this.file = file;
  }

  /** Where the record lies, once the page has ended; what is its own is counted from what `endPage` says. */
  add(record: CanonicalRecord, storedAs: string, lines: LineBuffer): Place {
    const [first = record.answer, ...more] = record.messages;
    const opening = this.openingOf(record.tools, first, lines);
    const history = this.history.add(more, lines);
    history.offset += this.begin;
    const own = { offset: this.tails.length, bytes: this.tails.add(jsonInLine(record.answer), END_OF_LINE) };
    const restBytes = this.tails.add(JSON.stringify(restOf(record, storedAs)), '\n');
    return { file: this.file, opening, history, own, restBytes };
  }

  /** Adds what the records of the page have of their own; says where in the file that begins. */
  endPage(lines: LineBuffer): number {
    const own = this.begin + lines.length;
    lines.add(this.tails.take());
    this.begin += lines.length;
    this.history = new History();
    return own;
  }

  private openingOf(tools: Tool[] | null, first: Message, lines: LineBuffer): Stretch {
    const openings = this.openingsOf(tools ?? NO_TOOLS);
    const known = openings.get(first);
    if (known) return known;
    const opening = { offset: this.begin + lines.length, bytes: lines.add(openingJson(tools, first)) };
    openings.set(first, opening);
    return opening;
  }
}

const NO_TOOLS: Tool[] = [];

/** The messages behind openings, as they lie in the lines of a page. */
class History {
  /** Those that were written last, one behind the other. */
  private last: readonly Message[] = [];
  /** Where each of them begins, and where the last ends. */
  private bounds = [0];
  /** Where any of them lies: whoever repeats it copies it. */
  private readonly written = new Map<Message, { start: number; end: number }>();

  add(messages: readonly Message[], lines: LineBuffer): Stretch {
    const differing = messages.findIndex((message, i) => message !== this.last[i]);
    if (differing !== -1) {
      const goesOn = differing === this.last.length && this.bounds.at(-1) === lines.length;
      if (!goesOn) this.bounds = [lines.length];
      for (const message of messages.slice(this.bounds.length - 1)) {
        this.write(message, lines);
        this.bounds.push(lines.length);
      }
      this.last = messages;
    }
    const [offset = 0] = this.bounds;
    return { offset, bytes: (this.bounds[messages.length] ?? offset) - offset };
  }

  private write(message: Message, lines: LineBuffer): void {
    const known = this.written.get(message);
    if (known) return lines.repeat(known.start, known.end);
    const start = lines.length;
    lines.add(jsonInLine(message));
    this.written.set(message, { start, end: lines.length });
  }
}
