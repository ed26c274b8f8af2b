import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { ImportError } from '../import-error.js';
import { parseMarked } from '../../records/long-numbers.js';
import { damage, type Header, type Item, reasonOf, type Source } from './item.js';

/** It works on disk beyond this much memory; nothing is fetched from the network. */
const SETTINGS = {
  memory_limit: '512MB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};

/** The columns and the rows of a Parquet file; an ImportError where it is none. */
export async function openParquet(path: string): Promise<Source> {
  const instance = await DuckDBInstance.create(':memory:', SETTINGS);
  const connection = await instance.connect();
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  const from = `read_parquet('${asLiteral(path)}')`;
  try {
    const columns = (await connection.run(`SELECT * FROM ${from} LIMIT 0`)).columnNames();
    const total = (await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${from}`)).getRows()[0]?.[0];
    const progress = { rows: 0 };
    return {
      unit: 'row',
      items: readRows(connection, from, columns, progress, close),
      share: () => (typeof total === 'number' && total > 0 ? progress.rows / total : null),
    };
  } catch (error) {
    close();
    throw new ImportError(`${path} cannot be read as Parquet: ${reasonOf(error)}`, { cause: error });
  }
}

async function* readRows(
  connection: DuckDBConnection,
  from: string,
  columns: string[],
  progress: { rows: number },
  close: () => void,
): AsyncGenerator<Item | Header> {
  try {
    yield { columns };
    const row = nameBesides(columns);
    // As JSON a row keeps its numbers, lists and objects.
    const result = await connection.stream(`SELECT to_json(${row})::VARCHAR FROM ${from} AS ${row}`);
    for await (const rows of result.yieldRows())
      for (const [text] of rows) yield parsed(++progress.rows, String(text));
  } catch (error) {
    yield { at: progress.rows + 1, error: damage(error) };
  } finally {
    close();
  }
}

function parsed(at: number, text: string): Item {
  try {
    return { at, value: parseMarked(text), bytes: text.length };
  } catch (error) {
    return { at, error: `no JSON can be made of it: ${reasonOf(error)}` };
  }
}

/** A name that means the whole row, as no column has it. */
const nameBesides = (columns: string[]): string => {
  let name = 'whole_row';
  while (columns.some((column) => column.toLowerCase() === name)) name += '_';
  return name;
};

/** Inside of quotes, and with what would be a pattern of names taken literally. */
const asLiteral = (path: string): string =>
  path.replaceAll("'", "''").replace(/[*?[]/g, (sign) => `[${sign}]`);
