import { MOST_LONGER } from './digest.js';

/** One item a record, or as many as `WIDTHS` says. */
export interface Columns {
  ids: Uint32Array<ArrayBuffer>;
  answers: Uint32Array<ArrayBuffer>;
  sessions: Uint32Array<ArrayBuffer>;
  beginnings: Uint32Array<ArrayBuffer>;
  longer: Uint32Array<ArrayBuffer>;
  systems: Uint32Array<ArrayBuffer>;
  timestamps: Float64Array<ArrayBuffer>;
  labels: Uint32Array<ArrayBuffer>;
  flags: Uint8Array<ArrayBuffer>;
  storeKeys: Uint32Array<ArrayBuffer>;
  files: Uint8Array<ArrayBuffer>;
  openingOffsets: Float64Array<ArrayBuffer>;
  openingBytes: Uint32Array<ArrayBuffer>;
  historyOffsets: Float64Array<ArrayBuffer>;
  historyBytes: Uint32Array<ArrayBuffer>;
  ownOffsets: Float64Array<ArrayBuffer>;
  ownBytes: Uint32Array<ArrayBuffer>;
  restBytes: Uint32Array<ArrayBuffer>;
}

/** Items of a column for each record. */
export const WIDTHS: Record<keyof Columns, number> = {
  ids: 4,
  answers: 2,
  sessions: 2,
  beginnings: 2,
  longer: MOST_LONGER,
  systems: 1,
  timestamps: 1,
  labels: 1,
  flags: 1,
  storeKeys: 1,
  files: 1,
  openingOffsets: 1,
  openingBytes: 1,
  historyOffsets: 1,
  historyBytes: 1,
  ownOffsets: 1,
  ownBytes: 1,
  restBytes: 1,
};

export const emptyColumns = (): Columns => ({
  ids: new Uint32Array(0),
  answers: new Uint32Array(0),
  sessions: new Uint32Array(0),
  beginnings: new Uint32Array(0),
  longer: new Uint32Array(0),
  systems: new Uint32Array(0),
  timestamps: new Float64Array(0),
  labels: new Uint32Array(0),
  flags: new Uint8Array(0),
  storeKeys: new Uint32Array(0),
  files: new Uint8Array(0),
  openingOffsets: new Float64Array(0),
  openingBytes: new Uint32Array(0),
  historyOffsets: new Float64Array(0),
  historyBytes: new Uint32Array(0),
  ownOffsets: new Float64Array(0),
  ownBytes: new Uint32Array(0),
  restBytes: new Uint32Array(0),
});

/** Gives the columns room for `records`: one after the other, so that never all are there twice. */
export function resize(columns: Columns, records: number): void {
  columns.ids = words(columns.ids, records * WIDTHS.ids);
  columns.answers = words(columns.answers, records * WIDTHS.answers);
  columns.sessions = words(columns.sessions, records * WIDTHS.sessions);
  columns.beginnings = words(columns.beginnings, records * WIDTHS.beginnings);
  columns.longer = words(columns.longer, records * WIDTHS.longer);
  columns.systems = words(columns.systems, records);
  columns.timestamps = doubles(columns.timestamps, records);
  columns.labels = words(columns.labels, records);
  columns.flags = bytes(columns.flags, records);
  columns.storeKeys = words(columns.storeKeys, records);
  columns.files = bytes(columns.files, records);
  columns.openingOffsets = doubles(columns.openingOffsets, records);
  columns.openingBytes = words(columns.openingBytes, records);
  columns.historyOffsets = doubles(columns.historyOffsets, records);
  columns.historyBytes = words(columns.historyBytes, records);
  columns.ownOffsets = doubles(columns.ownOffsets, records);
  columns.ownBytes = words(columns.ownBytes, records);
  columns.restBytes = words(columns.restBytes, records);
}

function words(column: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const resized = new Uint32Array(length);
  resized.set(column.subarray(0, length));
  return resized;
}

function doubles(column: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const resized = new Float64Array(length);
  resized.set(column.subarray(0, length));
  return resized;
}

function bytes(column: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const resized = new Uint8Array(length);
  resized.set(column.subarray(0, length));
  return resized;
}

/** What can be handed over to another thread instead of being copied. */
export const buffersOf = (columns: Columns): ArrayBuffer[] =>
  Object.values(columns).map((column: Columns[keyof Columns]) => column.buffer);
