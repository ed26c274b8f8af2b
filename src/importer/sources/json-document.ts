import { parseMarked } from '../../records/long-numbers.js';
import { damage, type Item, MAX_BYTES, reasonOf, UTF8 } from './item.js';
import { MarkingParser } from './marking-parser.js';

/** Lists in which APIs and collectors wrap what they give. */
const LISTS = ['data', 'runs', 'resourceSpans', 'resourceLogs'] as const;

type ListName = (typeof LISTS)[number];

/**
 * The items of a JSON list, or of the lists of a JSON object that only wraps them, without ever holding it whole. Any
 * other object is itself the one item. What cannot be read ends the file.
 */
export async function* readJsonDocument(bytes: AsyncIterable<Buffer>, isList: boolean): AsyncGenerator<Item> {
  const document = new Document(isList);
  try {
    for await (const chunk of bytes) {
      yield* document.add(chunk);
      if (document.isBroken) return;
    }
    yield* document.end();
  } catch (error) {
    yield { at: document.count + 1, error: damage(error) };
  }
}

class Document {
  count = 0;
  isBroken = false;
  readonly #parser: MarkingParser;
  readonly #isList: boolean;
  #found: unknown[] = [];
  /** The object so far, for as long as it may be the one item. */
  #kept: Buffer[] = [];
  #length = 0;

  constructor(isList: boolean) {
    this.#isList = isList;
    const paths = isList ? ['$.*'] : LISTS.map((name) => `$.${name}.*`);
    // No separator: after one list there may be another.
    this.#parser = new MarkingParser({ paths, keepStack: false, separator: '' }, ({ value, stack }) => {
      this.#found.push(isList ? value : asGiven(value, stack[1]?.key));
    });
  }

  *add(chunk: Buffer): Generator<Item> {
    const failure = this.#try(() => this.#parser.write(withoutMark(chunk, this.#length)));
    this.#length += chunk.length;
    if (!this.#isList && this.count + this.#found.length === 0) this.#kept.push(chunk);
    yield* this.#items(chunk.length);
    if (this.count > 0) this.#kept = [];
    if (failure !== null) yield this.#broken(`not JSON from here: ${failure}; the rest was not read`);
    else if (this.#kept.length > 0 && this.#length > MAX_BYTES)
      yield this.#broken(`one JSON object longer than ${MAX_BYTES / 1e6} MB, without ${LISTS.join(', ')}`);
  }

  *end(): Generator<Item> {
    const failure = this.#isList && this.#parser.isEnded ? null : this.#try(() => this.#parser.end());
    yield* this.#items(0);
    if (this.#kept.length > 0) yield this.#whole();
    else if (failure !== null) yield this.#broken('the file ends within the JSON: it may have been cut');
  }

  /** The items that were found, of which a chunk may hold many. */
  *#items(bytes: number): Generator<Item> {
    const found = this.#found;
    this.#found = [];
    for (const value of found) yield { at: ++this.count, value, bytes: Math.ceil(bytes / found.length) };
  }

  #whole(): Item {
    try {
      return { at: 1, value: parseMarked(UTF8.decode(Buffer.concat(this.#kept))), bytes: this.#length };
    } catch (error) {
      return this.#broken(`not JSON: ${reasonOf(error)}`);
    }
  }

  #broken(error: string): Item {
    this.isBroken = true;
    return { at: this.count + 1, error };
  }

  #try(act: () => void): string | null {
    try {
      act();
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }
}

/** Of OpenTelemetry's lists each item is wrapped again, so that it is what the collector writes a line. */
function asGiven(value: unknown, list: unknown): unknown {
  const name = LISTS.find((one) => one === list);
  return name === 'resourceSpans' || name === 'resourceLogs' ? wrapped(name, value) : value;
}

const wrapped = (name: ListName, value: unknown): unknown => ({ [name]: [value] });

const withoutMark = (chunk: Buffer, before: number): Buffer =>
  before === 0 && chunk.subarray(0, 3).toString('hex') === 'efbbbf' ? chunk.subarray(3) : chunk;
