import { type ColumnMapping, mappingFor, missingColumns } from './column-mapping.js';
import type { Format } from './format.js';
import { columns, log, recognise } from './formats/index.js';
import { ImportError } from './import-error.js';
import type { Fields } from './values.js';

export interface FormatRequest {
  /** What the user says that the file is. */
  format?: Format | undefined;
  /** Which columns of a table hold what; they may be only some of those that are needed. */
  columns?: ColumnMapping | undefined;
}

/** Tells the format of each value of a file, as the user says or by its shape. */
export class FormatChoice {
  readonly #path: string;
  readonly #request: FormatRequest;
  #last: Format = log;
  #table: { rows: Format; missing: string | null } | null = null;

  constructor(path: string, request: FormatRequest) {
    this.#path = path;
    this.#request = request;
  }

  /** The file is a table; an ImportError where it lacks a column that the user names. */
  useColumns(names: string[]): void {
    const mapping = mappingFor(names, this.#request.columns ?? {});
    this.#table = { rows: columns(mapping), missing: missingColumns(names, mapping) };
    if (this.#request.columns) this.#refuseMissing();
  }

  /** The format of a value. What no format recognises is of the kind of the value before. */
  of(value: Fields): Format {
    if (this.#request.columns && !this.#table)
      throw new ImportError(`${this.#path} is no CSV or Parquet file: it has no --columns`);
    const { format } = this.#request;
    if (format) return format;
    if (!this.#table) return (this.#last = recognise(value) ?? this.#last);
    // With columns for all that is needed it is a table in its own right; else an export may have its own.
    if (this.#table.missing === null) return this.#table.rows;
    const known = recognise(value);
    if (!known) this.#refuseMissing();
    return known ?? this.#table.rows;
  }

  #refuseMissing(): void {
    const missing = this.#table?.missing ?? null;
    if (missing !== null) throw new ImportError(`${this.#path}: ${missing}`);
  }
}
