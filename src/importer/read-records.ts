import { isDeeperThan } from '../records/json.js';
import { FormatChoice, type FormatRequest } from './choose-format.js';
import type { Format, Names, Reading } from './format.js';
import { ImportError } from './import-error.js';
import type { Item, Source } from './sources/item.js';
import { type Fields, isFields } from './values.js';

export interface ReadRequest extends FormatRequest {
  /** For records that bring none. */
  names?: Names | undefined;
}

/** A value of a file and what became of the calls in it, of which it may hold several or none. */
export interface ReadItem {
  bytes: number;
  outcomes: { place: string; outcome: Exclude<Reading, { unnamed: unknown }>; title: string | null }[];
}

type Outcome = ReadItem['outcomes'][number];

/** JSON is parsed at any depth, but written back only so deep as the stack allows; OTLP triples the depth of a value. */
const MAX_LEVELS = 300;

/** 2000-01-01T00:00:00Z: records without a time are a second apart from there, in the order of the file. */
const FIRST_MS = 946_684_800_000;

/**
 * Reads the log records of a file. An ImportError where none can be: no column holds the messages, or the first record
 * says no workload or client and the user neither.
 */
export async function* readRecords(
  path: string,
  source: Source,
  request: ReadRequest,
): AsyncGenerator<ReadItem> {
  const reader = new RecordReader(path, request);
  for await (const item of source.items) {
    if ('columns' in item) reader.choice.useColumns(item.columns);
    else yield reader.read(item, `${source.unit} ${item.at}`);
  }
}

class RecordReader {
  readonly choice: FormatChoice;
  readonly #path: string;
  readonly #names: Names;
  #anyRecord = false;

  constructor(path: string, request: ReadRequest) {
    this.#path = path;
    this.#names = request.names ?? {};
    this.choice = new FormatChoice(path, request);
  }

  read(item: Item, place: string): ReadItem {
    if ('error' in item) return { bytes: 0, outcomes: rejected(place, item.error) };
    const values = unwrapped(item.value);
    const outcomes = values.flatMap((value) => this.#readValue(value, place, item.at));
    return { bytes: item.bytes, outcomes: outcomes.length > 1 ? outcomes.map(withNumber) : outcomes };
  }

  #readValue(value: unknown, place: string, at: number): Outcome[] {
    if (!isFields(value)) return rejected(place, 'not a JSON object');
    if (isDeeperThan(value, MAX_LEVELS)) return rejected(place, `nested deeper than ${MAX_LEVELS} levels`);
    const format = this.choice.of(value);
    const context = { names: this.#names, fallbackMs: FIRST_MS + at * 1000 };
    const readings = format.read(value, context);
    // A document without any call is told, too.
    return (readings.length > 0 ? readings : [NO_CALL]).map((reading) => ({
      place,
      outcome: this.#outcomeOf(reading, format),
      title: format.title,
    }));
  }

  #outcomeOf(reading: Reading, { title }: Format): Outcome['outcome'] {
    if ('record' in reading) this.#anyRecord = true;
    if (!('unnamed' in reading)) return reading;
    const lacking = `no ${reading.unnamed.join(' and no ')}`;
    const options = reading.unnamed.map((name) => `--${name} NAME`).join(' ');
    const problem = `names ${lacking}: give ${options}`;
    if (!this.#anyRecord) throw new ImportError(`${this.#path} (${title}) ${problem}`);
    return { rejected: problem };
  }
}

const NO_CALL: Reading = { skipped: true };

const rejected = (place: string, reason: string): Outcome[] => [
  { place, outcome: { rejected: reason }, title: null },
];

/** What APIs give is wrapped, as a list or in one. An empty list is no record either. */
function unwrapped(value: unknown): unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  const list = isFields(value) ? listIn(value) : undefined;
  return list ?? [value];
}

const listIn = ({ data, runs, request, messages }: Fields): unknown[] | undefined =>
  request === undefined && messages === undefined ? [data, runs].find(isFilled) : undefined;

const isFilled = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0;

const withNumber = (outcome: Outcome, index: number): Outcome => ({
  ...outcome,
  place: `${outcome.place}, no. ${index + 1}`,
});
