import { pipeline, Readable } from 'node:stream';
import { type CsvError, type InfoRecord, parse } from 'csv-parse';
import { damage, type Header, type Item, MAX_BYTES } from './item.js';

/**
 * The header and the rows of a CSV file, as objects of texts. Quotes as in RFC 4180; commas, semicolons or tabs, as the
 * header has them. A row that does not fit the header is told.
 */
export async function* readCsv(bytes: AsyncIterable<Buffer>, head: Buffer): AsyncGenerator<Item | Header> {
  const skipped: CsvError[] = [];
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(head),
    info: true,
    max_record_size: MAX_BYTES,
    on_skip: (error) => void (error && skipped.push(error)),
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  });
  // The callback is there since a failure is met where the rows are read.
  const rows: AsyncIterable<ParsedRow> = pipeline(Readable.from(bytes), parser, () => undefined);
  let columns: string[] | null = null;
  let at = 0;
  const told = () => skipped.splice(0).map((error) => ({ at: ++at, error: `not CSV: ${error.message}` }));
  try {
    for await (const { record, info } of rows) {
      yield* told();
      if (columns === null) yield { columns: (columns = record.map((name) => name.trim())) };
      else yield rowOf(++at, record, columns, info);
    }
    yield* told();
  } catch (error) {
    yield { at: at + 1, error: damage(error) };
  }
}

interface ParsedRow {
  record: string[];
  info: InfoRecord;
}

function rowOf(at: number, cells: string[], columns: string[], { lines }: InfoRecord): Item {
  if (cells.length !== columns.length)
    return { at, error: `it has ${cells.length} cells, the header ${columns.length} (line ${lines})` };
  const value = Object.fromEntries(columns.map((name, index) => [name, cells[index]]));
  return { at, value, bytes: cells.reduce((sum, cell) => sum + cell.length, 0) };
}

/** The one of the usual delimiters that the first line has most of. */
function delimiterOf(head: Buffer): string {
  const [line = ''] = head.toString().trimStart().split('\n', 1);
  const counted = [',', ';', '\t'].map((sign) => ({ sign, count: line.split(sign).length }));
  return counted.reduce((most, one) => (one.count > most.count ? one : most)).sign;
}
